import Objectives

/// What one epoch of training came to.
public struct EpochSummary: Sendable, Equatable {
  /// Epochs completed, from 1.
  public var epoch: Int
  /// The rate of the epoch's last step.
  public var learningRate: Double
  /// Σ (batch mean × batch size) / N.
  public var loss: Double
  /// The share of examples whose class had the largest output, in training mode.
  public var accuracy: Double
  /// The mean squared error over examples of each target, in normalised units (regression).
  public var meanSquaredErrors: [Double]
}

/// The sums behind it.
struct EpochSums {
  private var examples = 0
  private var loss = 0.0
  private var score = Score()

  mutating func add(_ result: BatchResult) {
    examples += result.examples
    loss += result.loss * Double(result.examples)
    score += result.score
  }

  func summary(_ step: Step) -> EpochSummary {
    EpochSummary(
      epoch: step.epoch + 1, learningRate: step.learningRate, loss: loss / Double(examples),
      accuracy: Double(score.correct) / Double(examples),
      meanSquaredErrors: score.squaredErrorsByTarget.map { $0 / Double(examples) })
  }
}

/// Training went to infinity.
public struct DivergenceError: Error, CustomStringConvertible {
  public let epoch: Int
  public init(epoch: Int) { self.epoch = epoch }
  public var description: String {
    "training diverged in epoch \(epoch): loss or weights are not finite; lower --learning-rate"
  }
}
