import WeightSpace

/// A loss as a function of one flat weight vector, a batch of examples and a step: a step in, a
/// result out, nothing beside the call.
///
/// This is all that an optimiser, a curve or a sampler knows of a network: value and gradient at a
/// point. Whatever asks for more, other or combined gradients is an objective made of an objective.
/// An objective may keep buffers between calls, hence `mutating`; what it returns is a function of
/// the arguments alone.
public protocol Objective<Batch>: ~Copyable {
  /// The examples of one step.
  associatedtype Batch

  /// P, the length of weights and gradient.
  var parameterCount: Int { get }

  /// The mean loss of the batch at `weights`; ∂loss/∂θ replaces what `gradient` held.
  mutating func valueAndGradient(
    at weights: borrowing WeightVector, _ batch: Batch, _ step: Step,
    gradient: inout WeightVector
  ) throws -> BatchResult

  /// Keeps the statistics of the batch evaluated last for `moveStatistics`, whatever is evaluated
  /// after it in the same step. Does nothing by default.
  mutating func holdStatistics()

  /// Moves running statistics towards those of the batch evaluated last, or of the one that
  /// `holdStatistics` kept. Does nothing by default: an objective without statistics.
  mutating func moveStatistics(_ buffers: inout WeightVector)
}

extension Objective where Self: ~Copyable {
  public mutating func holdStatistics() {}
  public mutating func moveStatistics(_ buffers: inout WeightVector) {}
}
