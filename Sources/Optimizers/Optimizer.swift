import WeightSpace

/// A rule that moves one flat weight vector along a gradient, in place.
///
/// An optimiser owns its state: vectors as long as the weights, and the number of updates made.
/// Saving `updateCount` and every vector of `state` and putting them back gives an optimiser that
/// goes on bit for bit as if it had never stopped. Results do not depend on the number of threads.
public protocol Optimizer: AnyObject {
  /// How many updates have been made; restored when training is resumed.
  var updateCount: Int { get set }

  /// The vectors that make up the state, in a fixed order; empty for a rule without memory.
  var state: [OptimizerVector] { get }

  /// Makes one update. Both vectors have the length that the optimiser was made for.
  func update(
    _ weights: inout WeightVector, gradient: borrowing WeightVector, learningRate: Double)
}

/// One named vector of an optimiser's state, all zero at first.
public final class OptimizerVector {
  /// What it is, as a file names it: `momentum`, `first_moment`, `second_moment`.
  public let name: String
  public var values: WeightVector

  init(_ name: String, count: Int) {
    self.name = name
    values = WeightVector(count: count)
  }
}
