import Glibc

/// What a predicted normal distribution is worth where y came.
enum GaussianScores {
  /// Continuous ranked probability score ∫ (F(x) − [x ≥ y])² dx of N(mean, variance), with
  /// z = (y − mean)/σ: σ [z (2Φ(z) − 1) + 2φ(z) − 1/√π] (Gneiting et al. 2005, eq. 5); |y − mean|
  /// for a variance of 0. In the unit of y.
  static func crps(_ y: Double, mean: Double, variance: Double) -> Double {
    guard variance > 0 else { return abs(y - mean) }
    let deviation = variance.squareRoot()
    let z = (y - mean) / deviation
    return deviation
      * (z * erf(z / 2.0.squareRoot()) + 2 * NormalDistribution.density(z)
        - 1 / Double.pi.squareRoot())
  }

  /// Interval score of the central interval [l, u] of that level (Gneiting & Raftery 2007, eq. 43):
  /// u − l, and 2/(1 − level) times the distance by which y lies outside. In the unit of y.
  static func intervalScore(_ y: Double, _ lower: Double, _ upper: Double, level: Double)
    -> Double
  {
    let outside = max(lower - y, y - upper, 0)
    return upper - lower + 2 / (1 - level) * outside
  }

  /// F(y); for a variance of 0 the step at the mean, 0 up to it and 1 beyond.
  static func cumulative(_ y: Double, mean: Double, variance: Double) -> Double {
    guard variance > 0 else { return y <= mean ? 0 : 1 }
    return NormalDistribution.cumulative((y - mean) / variance.squareRoot())
  }
}

/// What the equal mixture of S normal distributions, such as an ensemble's members, is worth where y
/// came; members of variance 0 are an ensemble of points.
enum MixtureScores {
  /// ln 1/S Σ N(y; mₛ, vₛ), in nats; nil where a variance is 0.
  static func logLikelihood(_ y: Double, means: Span<Double>, variances: Span<Double>) -> Double? {
    var largest = -Double.infinity
    for s in 0..<means.count {
      guard variances[s] > 0 else { return nil }
      largest = max(
        largest, NormalDistribution.logDensity(y, mean: means[s], variance: variances[s]))
    }
    var sum = 0.0
    for s in 0..<means.count {
      let member = NormalDistribution.logDensity(y, mean: means[s], variance: variances[s])
      sum += exp(member - largest)
    }
    return largest + log(sum / Double(means.count))
  }

  /// Continuous ranked probability score 1/S Σ A(y − mₛ, vₛ) − 1/(2S²) ΣΣ A(mₛ − mₜ, vₛ + vₜ), where
  /// A(μ, σ²) = E|N(μ, σ²)| (Grimit et al. 2006, eq. 5); of points that is the ensemble's
  /// 1/S Σ |y − mₛ| − 1/(2S²) ΣΣ |mₛ − mₜ|. In the unit of y. Cost: O(S²).
  static func crps(_ y: Double, means: Span<Double>, variances: Span<Double>) -> Double {
    let count = means.count
    var (near, apart) = (0.0, 0.0)
    for s in 0..<count {
      near += meanMagnitude(y - means[s], variances[s].squareRoot())
      apart += meanMagnitude(0, (2 * variances[s]).squareRoot())
      for t in 0..<s {
        apart += 2 * meanMagnitude(means[s] - means[t], (variances[s] + variances[t]).squareRoot())
      }
    }
    return near / Double(count) - apart / (2 * Double(count) * Double(count))
  }
}
