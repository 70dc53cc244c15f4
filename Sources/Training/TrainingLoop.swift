import Objectives
import Optimizers

/// A trainer of whatever objective, for who runs and watches it.
public protocol TrainingLoop: AnyObject {
  /// Weights, statistics and epochs done.
  var state: TrainingState { get }
  var optimizer: any Optimizer { get }
  var schedule: LearningRateSchedule { get }
  /// Updates of an epoch.
  var stepsPerEpoch: Int { get }

  /// Runs one epoch; `afterStep` is called after each update.
  ///
  /// Throws `DivergenceError`, what the objective throws and what `afterStep` throws.
  func runEpoch(_ afterStep: (TrainingMoment) throws -> Void) throws -> EpochSummary
}

/// The end of a step.
public struct TrainingMoment: Sendable {
  /// The step that has been made.
  public let step: Step
  /// Updates done in this epoch, from 1.
  public let done: Int
  /// Updates of an epoch.
  public let steps: Int
  /// The epoch so far.
  public let summary: EpochSummary

  public init(step: Step, done: Int, steps: Int, summary: EpochSummary) {
    self.step = step
    self.done = done
    self.steps = steps
    self.summary = summary
  }

  /// Epochs done, with the share of this one: 2.5 in the middle of the third.
  public var position: Double { Double(step.epoch) + Double(done) / Double(steps) }
  public var isEpochEnd: Bool { done == steps }
}
