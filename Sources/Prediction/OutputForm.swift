import Datasets
import Glibc
import NeuralNetworks

/// What the numbers [N, count] are that a network, or another program in its stead, gives for N examples.
public struct OutputForm: Sendable, Equatable {
  public enum Meaning: String, Sendable, CaseIterable {
    /// Classes: log-probabilities up to a constant of each row.
    case logits
    /// Classes: rows that sum to 1.
    case probabilities
    /// A regression: means.
    case values
    /// A regression: means [N, D], and after them variances [N, D].
    case meanAndVariance = "mean-variance"
  }

  public let meaning: Meaning
  /// The columns: C, D or 2D.
  public let count: Int
  /// Whether a regression's numbers are in the targets' own units, and not normalised as they are.
  public let isInTargetUnits: Bool

  public init(_ meaning: Meaning, count: Int, inTargetUnits: Bool) {
    self.meaning = meaning
    self.count = count
    isInTargetUnits = inTargetUnits
  }

  /// The outputs of a network for that data set.
  public init(_ network: Network, for dataset: Dataset) {
    meaning =
      network.predictsVariance
      ? .meanAndVariance : dataset.isRegression(for: network) ? .values : .logits
    count = network.outputCount
    isInTargetUnits = false
  }

  public var isRegression: Bool { meaning == .values || meaning == .meanAndVariance }
  public var predictsVariance: Bool { meaning == .meanAndVariance }
  /// C, or D targets.
  public var width: Int { predictsVariance ? count / 2 : count }

  /// The loss of a network with such outputs.
  public var loss: Loss {
    switch meaning {
    case .logits, .probabilities: .crossEntropy
    case .values: .squaredError
    case .meanAndVariance: .gaussian
    }
  }

  /// The outputs of some rows as a network that minimises `loss` on that data set would give them: a
  /// probability as its logarithm (0 as that of the least positive Float), numbers in the targets' own
  /// units normalised.
  func normalized(_ outputs: [Float], for dataset: Dataset) -> [Float] {
    if meaning == .probabilities {
      return outputs.map { Float(log(Double(max($0, .leastNonzeroMagnitude)))) }
    }
    guard isRegression, isInTargetUnits, !dataset.targetStd.isEmpty else { return outputs }
    var result = outputs
    for start in stride(from: 0, to: outputs.count, by: count) {
      for d in 0..<width {
        let unit = Double(dataset.targetStd[d])
        result[start + d] = Float(
          (Double(outputs[start + d]) - Double(dataset.targetMean[d])) / unit)
        if predictsVariance {
          result[start + width + d] = Float(Double(outputs[start + width + d]) / (unit * unit))
        }
      }
    }
    return result
  }
}
