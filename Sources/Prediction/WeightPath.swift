import WeightSpace

/// Weights that come one after the other along a path: how far each is from the one before, and how
/// long it is. One weight vector is kept.
public struct WeightPath: ~Copyable {
  /// ‖wₖ − wₖ₋₁‖
  public private(set) var distances: [Double] = []
  /// ‖wₖ‖²
  public private(set) var squaredNorms: [Double] = []
  private var before = WeightVector(count: 0)

  public init() {}

  /// The path's length so far.
  public var length: Double { distances.reduce(0, +) }

  /// Takes the next weights.
  public mutating func visit(_ weights: borrowing WeightVector) {
    squaredNorms.append(weights.squaredNorm)
    if before.count == weights.count {
      distances.append(weights.distance(to: before))
    } else {
      before = WeightVector(count: weights.count)
    }
    before.copy(from: weights)
  }
}
