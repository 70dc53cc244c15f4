import Calibration
import TrajectoryFiles
import WeightSpace

/// What going through one file takes: memory for blocks of rows, which is given back, what is kept of
/// each row, bytes that are read, and time.
public struct EvaluationCost: Sendable {
  /// Why the file is gone through.
  public enum Purpose: Sendable {
    case measures, temperature, detection
    /// To fit conformal sets, or to judge them.
    case conformalScores, conformalSets
  }

  public var blocks = 0.0
  public var kept = 0.0
  public var read = 0.0
  public var passes = 1.0
  public var seconds = 0.0

  public init() {}
}

extension Predictions {
  public func cost(
    _ settings: EvaluationSettings, for purpose: EvaluationCost.Purpose = .measures
  ) -> EvaluationCost {
    switch self {
    case .classes(let source): source.cost(settings, purpose)
    case .values(let source): source.cost(settings, purpose)
    }
  }
}

extension EvaluationSettings {
  /// Of the counts of drawn rows, one for each thread.
  fileprivate func drawnBytes(_ rows: Double) -> Double {
    bootstrap == nil ? 0 : rows * Double(Parallelism.threadCount)
  }
  /// Seconds to measure all drawn sets.
  fileprivate func drawnSeconds(_ rows: Double) -> Double {
    Double(bootstrap?.replicates ?? 0) * rows * 24e-9 / Double(Parallelism.threadCount)
  }
}

extension ProbabilitySource {
  fileprivate func cost(
    _ settings: EvaluationSettings, _ purpose: EvaluationCost.Purpose
  ) -> EvaluationCost {
    let (n, c) = (Double(rowCount), Double(classCount))
    let rowsOfBlock = Double(min(rowCount, max(1, numbersPerBlock / classCount)))
    let threads = min(Double(Parallelism.threadCount), (n / rowsOfBlock).rounded(.up))
    let isWide = areLogits || inverseTemperature != nil || values.isDouble
    var cost = EvaluationCost()
    // Of a block its numbers and what is found of each row.
    var perNumber = isWide ? 8.0 : 4
    var perRow = 0.0
    var perNumberTime = 1e-9
    switch purpose {
    case .measures:
      perRow = 60
      if settings.needsOrder || settings.binning != .width { cost.kept += 13 * n }
      if settings.bootstrap != nil {
        cost.kept += 41 * n + settings.drawnBytes(n)
        cost.kept += Double(
          ClassGroups.byteCount(
            classCount: classCount, binCount: settings.binCount, rows: rowCount))
      }
      cost.kept += 24 * Double(settings.binCount) * c * (threads + 1)
      cost.seconds += settings.drawnSeconds(n) + (cost.kept >= 13 * n ? 200e-9 * n : 0)
    case .temperature:
      perNumber = 20
      cost.passes = 10
      perNumberTime = 80e-9
    case .detection:
      perNumber = 16
      cost.kept = 22 * n
      cost.seconds += 300e-9 * n
    case .conformalScores:
      perNumber = 16
      cost.kept = 18 * n
    case .conformalSets: perNumber = 16
    }
    cost.blocks = threads * (1e6 + rowsOfBlock * (perNumber * c + perRow))
    let members = settings.groups.contains(.members) ? Double(memberCount) : 0
    cost.read = n * (c * (values.isDouble ? 8 : 4) * (1 + members) + 4)
    cost.seconds += (150e-9 * n + perNumberTime * n * c * (1 + members)) / threads
    return cost
  }
}

extension ValueSource {
  fileprivate func cost(
    _ settings: EvaluationSettings, _ purpose: EvaluationCost.Purpose
  ) -> EvaluationCost {
    let (n, d) = (Double(rowCount), Double(outputs))
    var cost = EvaluationCost()
    cost.blocks = Double(min(rowCount * outputs, numbersPerBlock)) * 8 * 3
    if purpose == .conformalScores { cost.kept = 18 * n * d }
    if purpose == .measures, settings.bootstrap != nil {
      cost.kept = n * (4 * (7 + 3 * Double(settings.levels.count)) + d) + settings.drawnBytes(n)
      cost.seconds += settings.drawnSeconds(n)
    }
    cost.read = n * d * 12
    cost.seconds += 65e-9 * n * d * Double(1 + memberCount * memberCount)
    return cost
  }
}

extension ProbabilitySource {
  /// The size of the file of the rescaled predictions.
  public func rescaledSize() -> OutputSize {
    PredictionsWriter.size(
      kind: .classification(classes: classCount), count: rowCount, members: nil,
      hasTargets: targets != nil, classNames: classNames, history: history)
  }
}
