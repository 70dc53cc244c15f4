import Objectives
import WeightSpace

/// Hands a snapshot of what training stands for to a sink whenever the rule says so.
public final class SnapshotRecorder: TrainingObserver {
  /// Takes weights, running statistics (empty where those of training do not belong to the weights)
  /// and where training stands.
  public typealias Sink = (
    _ weights: borrowing WeightVector, _ buffers: borrowing WeightVector,
    _ moment: TrainingMoment
  ) throws -> Void

  private let rule: SnapshotRule
  private let solution: Solution
  private let sink: Sink

  public init(_ rule: SnapshotRule, of solution: Solution, to sink: @escaping Sink) {
    self.rule = rule
    self.solution = solution
    self.sink = sink
  }

  /// - Throws: `DivergenceError` for weights that are not finite; what the sink throws.
  public func afterStep(_ moment: TrainingMoment, _ loop: any TrainingLoop) throws {
    guard
      rule.isDue(
        epoch: moment.step.epoch + 1, step: moment.done, steps: moment.steps,
        schedule: loop.schedule)
    else { return }
    try solution.read(loop) { weights, buffers in
      guard weights.isFinite else { throw DivergenceError(epoch: moment.step.epoch + 1) }
      try sink(weights, buffers, moment)
    }
    solution.snapshotTaken()
  }
}
