/// A density of a few coordinates, up to a constant, by its logarithm.
public protocol LogDensity {
  /// K
  var dimension: Int { get }
  /// log p(u); −∞ where the density is zero.
  func value(at u: [Double]) throws -> Double
  /// log p(u) and its gradient.
  func valueAndGradient(at u: [Double]) throws -> (value: Double, gradient: [Double])
}

/// A posterior in coordinates in which the prior is standard normal: log p(u) = ℓ(u) − ‖u‖²/2 without
/// its constant.
public protocol WhitenedPosterior: LogDensity {
  /// ℓ(u), as much of it as counts; −∞ where it is no number.
  func logLikelihood(at u: [Double]) throws -> Double
}

extension WhitenedPosterior {
  public func value(at u: [Double]) throws -> Double {
    try logLikelihood(at: u) - 0.5 * squaredNorm(u)
  }
}

/// ‖u‖²
func squaredNorm(_ u: [Double]) -> Double { u.reduce(0) { $0 + $1 * $1 } }
