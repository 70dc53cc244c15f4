/// Split conformal prediction: sets of classes that hold the true one with a given probability,
/// whatever the network, where calibration and test rows are exchangeable (Vovk et al. 2005).
///
/// The score of a row of calibration is its p_y; a set holds every class whose p is at least the
/// threshold, the ⌈(n + 1) · level⌉-th largest of the n scores (Sadinle, Lei & Wasserman 2019). With
/// too few rows of calibration for the level every class is in every set.
public struct ConformalSets: Sendable {
  public let level: Double
  /// n, the number of rows of calibration.
  public let calibrationCount: Int
  /// 0 where every class is in every set.
  public let threshold: Double
  public private(set) var count = 0
  private var covered = 0
  private var sizes = 0
  private var empty = 0

  /// - Parameters:
  ///   - scores: p_y of each row of calibration.
  ///   - level: between 0 and 1.
  public init(calibration scores: [Double], level: Double) {
    precondition(level > 0 && level < 1, "a level lies between 0 and 1")
    self.level = level
    calibrationCount = scores.count
    let rank = conformalRank(scores.count, level: level)
    threshold = rank > scores.count ? 0 : scores.sorted(by: >)[rank - 1]
  }

  /// Adds rows to be judged: `probabilities` [n, C], `classes` [n] within 0..<C.
  public mutating func add(probabilities: Span<Double>, classes: Span<Int32>, classCount: Int) {
    precondition(probabilities.count == classes.count * classCount, "rows differ in number")
    for i in 0..<classes.count {
      var size = 0
      for j in i * classCount..<(i + 1) * classCount where probabilities[j] >= threshold {
        size += 1
      }
      count += 1
      sizes += size
      empty += size == 0 ? 1 : 0
      covered += probabilities[i * classCount + Int(classes[i])] >= threshold ? 1 : 0
    }
  }

  /// Adds what another of the same threshold has judged of other rows.
  public mutating func merge(_ other: ConformalSets) {
    precondition(other.threshold == threshold, "the thresholds differ")
    count += other.count
    covered += other.covered
    sizes += other.sizes
    empty += other.empty
  }

  /// The share of the rows whose class is in their set.
  public var coverage: Double { Double(covered) / Double(count) }
  public var meanSize: Double { Double(sizes) / Double(count) }
  /// The share of the rows with an empty set: no class reaches the threshold.
  public var emptyShare: Double { Double(empty) / Double(count) }
}

/// ⌈(n + 1) · level⌉, not moved by the rounding of a level such as 0.9.
func conformalRank(_ count: Int, level: Double) -> Int {
  let exact = Double(count + 1) * level
  let nearest = exact.rounded()
  if abs(exact - nearest) <= 1e-9 * Double(count + 1) { return max(1, Int(nearest)) }
  return Int(exact.rounded(.up))
}

/// The same for a regression: intervals mean ± factor · deviation, the factor being the
/// ⌈(n + 1) · level⌉-th smallest |y − m|/√v of calibration, infinite with too few rows.
public func conformalFactor(calibration scores: [Double], level: Double) -> Double {
  let rank = conformalRank(scores.count, level: level)
  return rank > scores.count ? .infinity : scores.sorted()[rank - 1]
}

/// p_y of every row of `probabilities` [n, C]; `classes` [n] lie within 0..<C.
public func ownProbabilities(_ probabilities: Span<Double>, classes: [Int32]) -> [Double] {
  let classCount = classes.isEmpty ? 0 : probabilities.count / classes.count
  var result = [Double](repeating: 0, count: classes.count)
  for i in classes.indices { result[i] = probabilities[i * classCount + Int(classes[i])] }
  return result
}

/// |y − m|/√v of every value; 0 where y = m, infinite elsewhere for v = 0.
///
/// - Throws: `InvalidRow` where a number is not finite or a variance negative.
public func standardizedErrors(
  means: [Double], variances: [Double], targets: [Double], firstRow: Int = 0
) throws(InvalidRow) -> [Double] {
  var result = [Double](repeating: 0, count: means.count)
  for i in means.indices {
    let error = abs(targets[i] - means[i])
    guard error.isFinite, variances[i] >= 0, variances[i].isFinite else {
      throw InvalidRow(
        row: firstRow + i,
        problem: "mean \(means[i]), variance \(variances[i]), target \(targets[i])")
    }
    result[i] = error == 0 ? 0 : error / variances[i].squareRoot()
  }
  return result
}

/// The mean of √v; 0 of none.
public func meanDeviation(_ variances: [Double]) -> Double {
  var sum = 0.0
  for variance in variances { sum += variance.squareRoot() }
  return variances.isEmpty ? 0 : sum / Double(variances.count)
}
