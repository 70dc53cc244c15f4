import Glibc

/// What the bins of a reliability table say, each over N rows in all.
extension [ReliabilityBin] {
  /// Σ |accuracy − confidence| · n/N.
  func expectedError(of total: Int) -> Double {
    reduce(0) { $0 + abs($1.gap ?? 0) * $1.count / Double(total) }
  }

  /// The largest |accuracy − confidence| of a bin that is not empty.
  var maximumError: Double { map { abs($0.gap ?? 0) }.max() ?? 0 }

  /// √ Σ n/N [(accuracy − confidence)² − accuracy (1 − accuracy)/(n − 1)], 0 where the sum is
  /// negative: the root of the unbiased estimate of the squared calibration error (Kumar, Liang &
  /// Ma 2019, "Verified uncertainty calibration", section 5; Bröcker 2012). A bin of one row admits no
  /// such estimate and counts as 0, as in their code.
  func debiasedRootMeanSquaredError(of total: Int) -> Double {
    var sum = 0.0
    for bin in self {
      guard let gap = bin.gap, let accuracy = bin.accuracy, bin.count > 1 else { continue }
      let variance = accuracy * (1 - accuracy) / (bin.count - 1)
      sum += bin.count / Double(total) * (gap * gap - variance)
    }
    return Swift.max(0, sum).squareRoot()
  }

  /// The expected error less what chance adds to it: 2 E − Σ n/N E|X| with X normal of mean
  /// accuracy − confidence and variance accuracy (1 − accuracy)/n, whose E|X| − |mean| is the bias
  /// (the estimator that Kumar et al.'s published code offers for absolute errors, with the mean of
  /// its simulated normals in closed form). Below 0 for well calibrated predictions of few rows.
  func debiasedExpectedError(of total: Int) -> Double {
    var sum = 0.0
    for bin in self {
      guard let gap = bin.gap, let accuracy = bin.accuracy else { continue }
      let deviation = (accuracy * (1 - accuracy) / bin.count).squareRoot()
      sum += bin.count / Double(total) * (2 * abs(gap) - meanMagnitude(gap, deviation))
    }
    return sum
  }
}

/// E|X| of a normal X: σ √(2/π) exp(−μ²/2σ²) + μ erf(μ/(σ√2)); |μ| for σ = 0.
func meanMagnitude(_ mean: Double, _ deviation: Double) -> Double {
  guard deviation > 0 else { return abs(mean) }
  let z = mean / deviation
  return deviation * (2 / Double.pi).squareRoot() * exp(-z * z / 2)
    + mean * erf(z / 2.0.squareRoot())
}
