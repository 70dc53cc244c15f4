import Objectives
import Optimizers
import WeightSpace

/// A training loop with all who watch it, and their memory: what nn-train, curve-fit and whatever
/// trains have in common.
public final class TrainingSession {
  public let loop: any TrainingLoop
  private var observers: [any TrainingObserver]

  public init(_ loop: any TrainingLoop, observers: [any TrainingObserver] = []) {
    self.loop = loop
    self.observers = observers
  }

  public var epoch: Int { loop.state.epoch }

  /// Adds an observer, the last to be called.
  public func observe(with observer: any TrainingObserver) { observers.append(observer) }

  /// All that the run needs to go on from the end of an epoch.
  public var checkpoint: Checkpoint {
    Checkpoint([loop.state, loop.optimizer] + observers)
  }

  /// Tells everybody that training starts at the state's weights; not for a run that is resumed.
  public func start() {
    loop.optimizer.start(at: loop.state.weights)
    for observer in observers { observer.start(at: loop.state) }
  }

  /// Runs one epoch. `afterStep` is called after the observers.
  ///
  /// Throws `DivergenceError` and what observers and `afterStep` throw.
  public func runEpoch(
    _ afterStep: (TrainingMoment) throws -> Void
  ) throws -> EpochSummary {
    try loop.runEpoch { moment in
      for observer in observers { try observer.afterStep(moment, loop) }
      try afterStep(moment)
    }
  }
}
