/// What `RegressionMeter` measures. What cannot be said is nil.
public struct RegressionReport: Sendable, Equatable {
  /// N · D values.
  public var count: Int
  public var rootMeanSquaredError: Double
  public var meanAbsoluteError: Double
  /// In nats; nil where a variance is absent or 0.
  public var logLikelihood: Double?
  /// Of the normal distributions; nil without variances.
  public var rankedProbabilityScore: Double?
  /// √ of the mean variance, in the targets' unit; nil without variances.
  public var sharpness: Double?
  public var intervals: [CentralInterval]
  /// The share of targets at or below each predicted quantile; empty without variances.
  public var quantiles: [Quantile]
  /// Of the mixture of the members; nil without members, or where a member's variance is 0.
  public var mixtureLogLikelihood: Double?
  /// Of the mixture of the members; nil without members.
  public var mixtureRankedProbabilityScore: Double?

  /// The mean of |observed − level| over the quantiles 1 %, …, 99 % (Chung et al. 2021; of the
  /// quantities of Kuleshov et al. 2018); nil without variances.
  public var quantileError: Double? {
    guard !quantiles.isEmpty else { return nil }
    return quantiles.reduce(0) { $0 + abs($1.observed - $1.level) } / Double(quantiles.count)
  }
}

/// How the central intervals mean ± z σ of one level fared.
public struct CentralInterval: Sendable, Equatable {
  public var level: Double
  /// The share of the targets inside.
  public var coverage: Double
  /// Mean width, in the targets' unit.
  public var width: Double
  /// Mean interval score, in the targets' unit.
  public var score: Double
}

/// How often a target is at or below the predicted quantile of a level.
public struct Quantile: Sendable, Equatable {
  public var level: Double
  public var observed: Double
}

/// The metrics that are means over rows; after them coverage, width and score of each level.
enum RegressionColumn: Int, CaseIterable {
  case square, absolute, logLikelihood, crps, variance, mixtureLogLikelihood, mixtureCRPS
}

/// Which of them there are, and how they make a report.
struct RegressionShape: Sendable {
  var outputs: Int
  var levels: [Double]
  var hasVariances = false
  var hasMembers = false
  var hasZeroVariance = false
  var hasZeroMemberVariance = false

  var columnCount: Int { RegressionColumn.allCases.count + 3 * levels.count }

  /// - Parameters:
  ///   - means: of the columns.
  ///   - pits: how many values have their target at or below quantile k + 1 %, but not below the one
  ///     before; the last, those beyond 99 %.
  func report(means: [Double], pits: [Int]) -> RegressionReport {
    let count = pits.reduce(0, +)
    func mean(_ column: RegressionColumn, _ isThere: Bool) -> Double? {
      isThere ? means[column.rawValue] : nil
    }
    var report = RegressionReport(
      count: count,
      rootMeanSquaredError: means[RegressionColumn.square.rawValue].squareRoot(),
      meanAbsoluteError: means[RegressionColumn.absolute.rawValue],
      logLikelihood: mean(.logLikelihood, hasVariances && !hasZeroVariance),
      rankedProbabilityScore: mean(.crps, hasVariances),
      sharpness: mean(.variance, hasVariances)?.squareRoot(), intervals: [], quantiles: [],
      mixtureLogLikelihood: mean(.mixtureLogLikelihood, hasMembers && !hasZeroMemberVariance),
      mixtureRankedProbabilityScore: mean(.mixtureCRPS, hasMembers))
    guard hasVariances else { return report }
    for (i, level) in levels.enumerated() {
      let first = RegressionColumn.allCases.count + 3 * i
      report.intervals.append(
        CentralInterval(
          level: level, coverage: means[first], width: means[first + 1], score: means[first + 2]))
    }
    var below = 0
    for k in 0..<99 {
      below += pits[k]
      report.quantiles.append(
        Quantile(level: Double(k + 1) / 100, observed: Double(below) / Double(count)))
    }
    return report
  }
}
