import Objectives
import WeightSpace

/// A part of an update: a `Chain` of them makes a rule.
///
/// An update starts as the gradient. Each transform changes it in turn, and the weights lose what it
/// has become: w ← w − update. Up to the one that multiplies by the rate it is in the gradient's
/// units, from there on in the weights'. The vectors are passed over once, a range at a time;
/// `apply` is called for disjoint ranges at the same time and changes nothing but what it is given.
public protocol Transform: Checkpointed {
  /// Called once before the first update from `weights`, not where a run is resumed.
  func start(at weights: borrowing WeightVector)

  /// Sees the whole gradient before the pass: for its norm, and for coefficients of the step.
  func begin(
    _ weights: borrowing WeightVector, gradient: borrowing WeightVector, _ step: Step)

  /// Changes the update, and if it must the weights, of one range; `state` is that range of the
  /// transform's own vectors.
  func apply(
    to update: inout MutableSpan<Float>, _ weights: inout MutableSpan<Float>,
    _ state: StateRange)

  /// Where `apply` would do nothing but multiply the update by a number, the number; nil by default.
  /// The chain multiplies then, at the end together with taking off the update.
  var factor: Float? { get }

  /// Sees the weights after the pass, and may change them.
  func finish(_ weights: inout WeightVector, _ step: Step)

  /// Whether the weights are not the ones that the method stands for. False by default.
  var hasSolution: Bool { get }

  /// The weights that the method stands for; called only where `hasSolution`.
  func writeSolution(of weights: borrowing WeightVector, into solution: inout WeightVector)
}

extension Transform {
  public func start(at weights: borrowing WeightVector) {}
  public func begin(
    _ weights: borrowing WeightVector, gradient: borrowing WeightVector, _ step: Step
  ) {}
  public func apply(
    to update: inout MutableSpan<Float>, _ weights: inout MutableSpan<Float>,
    _ state: StateRange
  ) {}
  public var factor: Float? { nil }
  public func finish(_ weights: inout WeightVector, _ step: Step) {}
  public var hasSolution: Bool { false }
  public func writeSolution(
    of weights: borrowing WeightVector, into solution: inout WeightVector
  ) { solution.copy(from: weights) }
}
