/// A loss as a function of one flat weight vector and a batch of examples.
///
/// This is all that an optimiser, a curve or a sampler knows of a network: value and gradient at a
/// point. An objective may keep buffers and random state between calls, hence `mutating`.
public protocol StochasticObjective: ~Copyable {
  /// The examples of one step.
  associatedtype Batch

  /// The mean loss of the batch at `weights`; its gradient replaces what `gradient` held.
  ///
  /// Both vectors have the objective's number of parameters.
  mutating func valueAndGradient(
    at weights: borrowing WeightVector, batch: Batch, gradient: inout WeightVector
  ) throws -> Double
}
