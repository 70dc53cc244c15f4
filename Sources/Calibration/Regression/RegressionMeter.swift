import Glibc

/// Metrics of predicted means m and variances v of a regression, in one pass over blocks of rows of D
/// values.
///
/// All are means over the N · D target values y, in the targets' own units:
/// - root mean squared error √(mean (y − m)²), mean absolute error
/// - log-likelihood: ln N(y; m, v) = −½ (ln 2πv + (y − m)²/v), in nats
/// - continuous ranked probability score; sharpness √(mean v)
/// - coverage, width and score of central intervals m ± Φ⁻¹((1 + level)/2) √v
/// - the share of targets at or below the quantiles m + Φ⁻¹(p) √v
/// - with members, log-likelihood and ranked probability score of their mixture
///
/// Memory: O(levels), or 4 bytes a row for each metric and 1 a value where rows are kept. Cost:
/// O(levels) a value, O(S²) with S members.
public struct RegressionMeter: Sendable {
  /// N · D.
  public private(set) var count = 0
  private var rowCount = 0
  private var shape: RegressionShape
  private let halfWidths: [Double]
  private let keepsRows: Bool
  private var sums: [Double]
  private var row: [Double]
  private var pits = [Int](repeating: 0, count: 100)
  private var columns: RowColumns
  private var keptPits: [UInt8] = []
  private static let percents = (0...100).map { Double($0) / 100 }

  /// - Parameters:
  ///   - outputs: D.
  ///   - levels: of central intervals, each between 0 and 1.
  ///   - keepsRows: whether to keep what resampling needs.
  public init(outputs: Int = 1, levels: [Double] = [0.95], keepsRows: Bool = false) {
    precondition(outputs > 0 && levels.allSatisfy { $0 > 0 && $0 < 1 })
    shape = RegressionShape(outputs: outputs, levels: levels)
    halfWidths = levels.map { NormalDistribution.quantile((1 + $0) / 2) }
    self.keepsRows = keepsRows
    sums = Array(repeating: 0, count: shape.columnCount)
    row = sums
    columns = RowColumns(count: keepsRows ? shape.columnCount : 0)
  }

  /// Adds rows: `means`, `variances` and `targets` are [n, D].
  ///
  /// - Parameters:
  ///   - variances: empty without; then there are errors and nothing else.
  ///   - memberMeans: [n, D, S], empty without members.
  ///   - memberVariances: [n, D, S], the members' own.
  /// - Throws: `InvalidRow` where a number is not finite or a variance is negative.
  public mutating func add(
    means: Span<Double>, variances: Span<Double>, targets: Span<Double>,
    memberMeans: Span<Double> = .init(), memberVariances: Span<Double> = .init()
  ) throws(InvalidRow) {
    let outputs = shape.outputs
    precondition(
      means.count == targets.count && means.count % outputs == 0,
      "means and targets differ in number")
    precondition(variances.count == means.count || variances.isEmpty, "variances differ in number")
    precondition(memberVariances.count == memberMeans.count, "members differ in number")
    shape.hasVariances = !variances.isEmpty
    shape.hasMembers = !memberMeans.isEmpty
    let members = means.isEmpty ? 0 : memberMeans.count / means.count
    for start in stride(from: 0, to: means.count, by: outputs) {
      for k in row.indices { row[k] = 0 }
      for i in start..<start + outputs {
        let error = targets[i] - means[i]
        guard error.isFinite else {
          throw InvalidRow(row: rowCount, problem: "mean \(means[i]), target \(targets[i])")
        }
        row[RegressionColumn.square.rawValue] += error * error
        row[RegressionColumn.absolute.rawValue] += abs(error)
        if !variances.isEmpty { try addNormal(targets[i], means[i], variances[i]) }
        if members > 0 {
          let range = i * members..<(i + 1) * members
          try addMixture(
            targets[i], memberMeans.extracting(range), memberVariances.extracting(range))
        }
        if variances.isEmpty { addPit(1) }
      }
      rowCount += 1
      count += outputs
      for k in row.indices {
        let mean = row[k] / Double(outputs)
        sums[k] += mean
        if keepsRows { columns.append(mean, to: k) }
      }
    }
  }

  private mutating func addNormal(
    _ y: Double, _ mean: Double, _ variance: Double
  ) throws(InvalidRow) {
    guard variance >= 0, variance.isFinite else {
      throw InvalidRow(row: rowCount, problem: "\(variance) is not a variance")
    }
    if variance == 0 {
      shape.hasZeroVariance = true
    } else {
      row[RegressionColumn.logLikelihood.rawValue] += NormalDistribution.logDensity(
        y, mean: mean, variance: variance)
    }
    row[RegressionColumn.crps.rawValue] += GaussianScores.crps(y, mean: mean, variance: variance)
    row[RegressionColumn.variance.rawValue] += variance
    let deviation = variance.squareRoot()
    for (i, level) in shape.levels.enumerated() {
      let half = halfWidths[i] * deviation
      let first = RegressionColumn.allCases.count + 3 * i
      row[first] += abs(y - mean) <= half ? 1 : 0
      row[first + 1] += 2 * half
      row[first + 2] += GaussianScores.intervalScore(y, mean - half, mean + half, level: level)
    }
    addPit(GaussianScores.cumulative(y, mean: mean, variance: variance))
  }

  private mutating func addMixture(
    _ y: Double, _ means: Span<Double>, _ variances: Span<Double>
  ) throws(InvalidRow) {
    for s in 0..<means.count {
      guard means[s].isFinite, variances[s] >= 0, variances[s].isFinite else {
        throw InvalidRow(
          row: rowCount, problem: "member \(s): mean \(means[s]), variance \(variances[s])")
      }
    }
    if let value = MixtureScores.logLikelihood(y, means: means, variances: variances) {
      row[RegressionColumn.mixtureLogLikelihood.rawValue] += value
    } else {
      shape.hasZeroMemberVariance = true
    }
    row[RegressionColumn.mixtureCRPS.rawValue] += MixtureScores.crps(
      y, means: means, variances: variances)
  }

  /// Counts u = F(y) under the first quantile level k/100 that it does not exceed.
  private mutating func addPit(_ u: Double) {
    let edges = Self.percents
    let pit = EqualWidthBins.index(of: u, edges: edges.span)
    pits[pit] += 1
    if keepsRows { keptPits.append(UInt8(pit)) }
  }

  /// The metrics of the values so far; nil while there are none.
  public func report() -> RegressionReport? {
    guard count > 0 else { return nil }
    return shape.report(means: sums.map { $0 / Double(rowCount) }, pits: pits)
  }

  /// The rows to be resampled; nil where they were not kept, or there are none.
  public var resampler: RegressionResampler? {
    guard keepsRows, count > 0 else { return nil }
    return RegressionResampler(shape: shape, columns: columns, pits: keptPits)
  }
}

/// The metrics of rows drawn again with replacement; the D values of a row are drawn together.
public struct RegressionResampler: Sendable {
  let shape: RegressionShape
  let columns: RowColumns
  let pits: [UInt8]

  public var rowCount: Int { columns.rowCount }

  /// The metrics where row i counts `counts[i]` times, [N].
  ///
  /// - Precondition: not all counts are 0.
  public func report(_ counts: Span<UInt8>) -> RegressionReport {
    var histogram = [Int](repeating: 0, count: 100)
    for i in 0..<pits.count { histogram[Int(pits[i])] += Int(counts[i / shape.outputs]) }
    return shape.report(means: columns.means(counts), pits: histogram)
  }
}
