import Glibc

/// The standard normal distribution.
enum NormalDistribution {
  /// ln N(y; mean, variance), in nats, for a variance above 0.
  @inline(__always) static func logDensity(
    _ y: Double, mean: Double, variance: Double
  ) -> Double {
    -0.5 * (log(2 * .pi * variance) + (y - mean) * (y - mean) / variance)
  }

  static func density(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }

  /// Φ(x), with full relative precision in both tails.
  static func cumulative(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }

  /// Φ⁻¹(p), infinite for 0 and 1: bisection down to neighbouring numbers.
  ///
  /// Cost: some sixty evaluations of Φ; for constants, not for loops.
  static func quantile(_ p: Double) -> Double {
    precondition(p >= 0 && p <= 1, "a probability")
    if p == 0 { return -.infinity }
    if p == 1 { return .infinity }
    if p == 0.5 { return 0 }
    // The lower tail keeps its relative precision.
    if p > 0.5 { return -quantile(1 - p) }
    var (low, high) = (-40.0, 0.0)
    while true {
      let middle = (low + high) / 2
      if middle <= low || middle >= high { return middle }
      if cumulative(middle) < p { low = middle } else { high = middle }
    }
  }
}
