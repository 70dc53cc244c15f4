import Objectives
import Optimizers
import WeightSpace

/// Whoever watches training: snapshots, running averages. What it remembers is saved and restored
/// with the rest (`Checkpointed`).
public protocol TrainingObserver: Checkpointed {
  /// Called once where training starts afresh, not where it is resumed.
  func start(at state: TrainingState)

  /// Called after each update, in the order of the observers. It may change the state.
  func afterStep(_ moment: TrainingMoment, _ loop: any TrainingLoop) throws
}

extension TrainingObserver {
  public func start(at state: TrainingState) {}
}

/// An observer that keeps an average of the weights, which snapshots may hold instead of them.
public protocol OnlineAverage: TrainingObserver {
  /// The average; meaningful once `count` is above 0.
  var average: StateVector { get }
  /// How many points are in it.
  var count: Int { get }
  /// Called when a snapshot has been taken of it.
  func snapshotTaken()
}

extension OnlineAverage {
  public func snapshotTaken() {}
}
