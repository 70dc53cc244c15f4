import Glibc

/// How well Markov chains have mixed, from one number of each draw: chains of equal length.
///
/// Each chain is cut into halves, so that a drift shows too. As in Gelman et al., "Bayesian Data
/// Analysis", 3rd edition, 2013, sections 11.4 and 11.5.
public enum ChainDiagnostics {
  /// R̂, the potential scale reduction: about 1 where the half-chains agree, larger where they do
  /// not.
  ///
  /// Not a number for fewer than four draws and where all are equal, as of chains that are stuck;
  /// infinite where each half-chain stands still elsewhere.
  public static func splitRHat(_ chains: [[Double]]) -> Double {
    guard let moments = Moments(halves(chains)) else { return .nan }
    if moments.within == 0 { return moments.between == 0 ? .nan : .infinity }
    return (moments.pooled / moments.within).squareRoot()
  }

  /// The number of independent draws that give a mean as good: S / (1 + 2 Σ ρₗ), the sum cut where
  /// pairs of autocorrelations turn negative and made to fall (Geyer, "Practical Markov Chain Monte
  /// Carlo", 1992), with autocorrelations from all half-chains.
  ///
  /// Not a number for fewer than four draws, or where all are equal. At most S log₁₀ S.
  /// Cost: O(S × lags).
  public static func effectiveSampleSize(_ chains: [[Double]]) -> Double {
    let parts = halves(chains)
    guard let moments = Moments(parts), moments.pooled > 0 else { return .nan }
    let length = parts[0].count
    let count = Double(parts.count * length)
    func correlation(_ lag: Int) -> Double {
      var sum = 0.0
      for (part, mean) in zip(parts, moments.means) {
        var covariance = 0.0
        for t in 0..<(length - lag) { covariance += (part[t] - mean) * (part[t + lag] - mean) }
        sum += covariance / Double(length)
      }
      let autocovariance = sum / Double(parts.count)
      let biased = moments.within * Double(length - 1) / Double(length)
      return 1 - (biased - autocovariance) / moments.pooled
    }
    var total = -1.0
    var lag = 0
    var last = Double.infinity
    while lag + 1 < length {
      let pair = correlation(lag) + correlation(lag + 1)
      if pair < 0 { break }
      last = min(last, pair)
      total += 2 * last
      lag += 2
    }
    return min(count / max(total, 1e-12), count * log10(count))
  }

  /// The halves of all chains; the middle draw of an odd number is left out.
  private static func halves(_ chains: [[Double]]) -> [[Double]] {
    let length = chains.map(\.count).min() ?? 0
    let half = length / 2
    return chains.flatMap { chain in
      [Array(chain.prefix(half)), Array(chain[(length - half)..<length])]
    }
  }

  private struct Moments {
    let means: [Double]
    /// W, the mean of the variances.
    let within: Double
    /// B / n, the variance of the means.
    let between: Double
    /// The variance of all draws, as overestimated while chains disagree.
    let pooled: Double

    init?(_ chains: [[Double]]) {
      guard let length = chains.first?.count, length >= 2 else { return nil }
      let n = Double(length)
      let means = chains.map { $0.reduce(0, +) / n }
      var within = 0.0
      for (chain, mean) in zip(chains, means) {
        within += chain.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
      }
      self.within = within / Double(chains.count)
      let mean = means.reduce(0, +) / Double(means.count)
      between =
        means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(means.count - 1, 1))
      pooled = self.within * (n - 1) / n + between
      self.means = means
    }
  }
}
