import Objectives
import WeightSpace

/// A rule that moves one flat weight vector along a gradient, in place.
///
/// An optimiser owns its memory (`Checkpointed`): vectors as long as the weights, the number of
/// updates made, and what else it needs. Saved and put back, it goes on bit for bit as if it had
/// never stopped. Results do not depend on the number of threads.
public protocol Optimizer: Checkpointed {
  /// How many updates have been made; one of `numbers`, as `update_count`.
  var updateCount: Int { get set }

  /// Called once before the first update from `weights`, not where a run is resumed: for a rule that
  /// remembers where it started. Does nothing by default.
  func start(at weights: borrowing WeightVector)

  /// Makes one update. Both vectors have the length that the optimiser was made for.
  func update(
    _ weights: inout WeightVector, gradient: borrowing WeightVector, _ step: Step)

  /// Whether the weights that gradients are taken at are not the ones that the rule stands for, as
  /// with a rule that averages. False by default.
  var hasSolution: Bool { get }

  /// The weights that the rule stands for, when gradients are taken at `weights`: these themselves
  /// by default.
  func writeSolution(of weights: borrowing WeightVector, into solution: inout WeightVector)
}

extension Optimizer {
  public var numbers: [StateNumber] {
    get { [StateNumber("update_count", updateCount)] }
    set { updateCount = newValue.count("update_count") }
  }

  public func start(at weights: borrowing WeightVector) {}
  public var hasSolution: Bool { false }

  public func writeSolution(
    of weights: borrowing WeightVector, into solution: inout WeightVector
  ) { solution.copy(from: weights) }

  /// Forgets everything, as if it were made anew at `weights`.
  public func restart(at weights: borrowing WeightVector) {
    for vector in vectors { vector.values.fill(with: 0) }
    numbers = numbers.map { number in
      number.isCount ? StateNumber(number.name, 0) : StateNumber(number.name, 0.0)
    }
    start(at: weights)
  }
}
