import Glibc

/// Where a metric lies with a given probability, from its values for resampled rows.
///
/// Of most metrics the bias-corrected percentile interval, which stays inside the metric's range
/// (Efron 1981; Efron & Tibshirani 1993, section 14.3 with no acceleration): of the sorted values, those
/// at the ranks Φ(2 z₀ ± z), with z₀ = Φ⁻¹(share of the values below the estimate, equal ones by half)
/// and z = Φ⁻¹((1 + level)/2).
///
/// A metric that chance makes larger, such as a calibration error, is larger still for resampled rows,
/// and where all of those lie above the estimate no rank among them will do. Its interval is the basic
/// one (Davison & Hinkley 1997, eq. 5.6): 2 × estimate − quantile, for the quantiles (1 ± level)/2, no
/// end below 0. It is for the value without what chance adds, and may lie below the estimate.
public struct BootstrapInterval: Sendable, Equatable {
  public var lower: Double
  public var upper: Double

  /// - Parameters:
  ///   - estimate: the metric of the rows themselves.
  ///   - values: the metric of resampled rows, in any order.
  ///   - level: between 0 and 1, such as 0.95.
  ///   - raisedByChance: whether chance makes the metric, which is at least 0, larger.
  /// - Returns: nil where there are no values, or one is NaN.
  public init?(estimate: Double, values: [Double], level: Double, raisedByChance: Bool = false) {
    precondition(level > 0 && level < 1, "a level lies between 0 and 1")
    guard !values.isEmpty, !values.contains(where: \.isNaN), !estimate.isNaN else { return nil }
    let sorted = values.sorted()
    if raisedByChance {
      lower = max(0, 2 * estimate - Self.quantile(sorted, (1 + level) / 2))
      upper = max(0, 2 * estimate - Self.quantile(sorted, (1 - level) / 2))
      return
    }
    var below = 0.0
    for value in sorted where value <= estimate { below += value < estimate ? 1 : 0.5 }
    // Never quite none and never quite all, of which Φ⁻¹ would be infinite.
    let total = Double(sorted.count)
    let share = min(max(below / total, 0.5 / total), 1 - 0.5 / total)
    let shift = 2 * NormalDistribution.quantile(share)
    let z = NormalDistribution.quantile((1 + level) / 2)
    lower = Self.quantile(sorted, NormalDistribution.cumulative(shift - z))
    upper = Self.quantile(sorted, NormalDistribution.cumulative(shift + z))
  }

  /// The p-quantile between the neighbours of rank p (n + 1), the usual choice for bootstrap
  /// percentiles; the first or the last beyond them.
  private static func quantile(_ sorted: [Double], _ p: Double) -> Double {
    let position = p * Double(sorted.count + 1) - 1
    let index = Int(position.rounded(.down))
    if index < 0 { return sorted[0] }
    if index + 1 >= sorted.count { return sorted[sorted.count - 1] }
    let fraction = position - Double(index)
    let (a, b) = (sorted[index], sorted[index + 1])
    // Equal infinities have no difference.
    return fraction == 0 || a == b ? a : a + fraction * (b - a)
  }
}
