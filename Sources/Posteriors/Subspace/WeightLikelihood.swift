import WeightSpace

/// log p(data | w), summed over a data set, as a function of a flat weight vector.
public protocol WeightLikelihood: AnyObject {
  /// Batches of an epoch.
  var batchCount: Int { get }
  /// log p at w. One pass over the data.
  func value(at w: borrowing WeightVector) throws -> Double
  /// log p at w, and its gradient.
  func valueAndGradient(
    at w: borrowing WeightVector, gradient: inout WeightVector
  ) throws -> Double
  /// An unbiased estimate of log p at w from batch `step`, counted over all epochs, and its gradient.
  func stochasticValueAndGradient(
    at w: borrowing WeightVector, step: Int, gradient: inout WeightVector
  ) throws -> Double
}
