import Glibc

/// Metrics of predicted class probabilities, in one pass over blocks of rows.
///
/// With p a row's probabilities, y its class, c = max p its confidence and N rows, all means over
/// rows:
/// - accuracy: the first largest p is at y; top-five accuracy: y is among the first five largest
/// - negative log-likelihood: −ln p_y, in nats
/// - Brier score: Σⱼ (pⱼ − [j = y])², from 0 to 2 (Brier 1950), and its `BrierParts`
/// - expected and maximum calibration error: `Binning`; class-wise over bins of equal width
/// - mean confidence c and mean entropy −Σ p ln p, in nats
///
/// Sums are in Double. Memory: O(bins · C), and what `kept` says for each row. Cost: O(C) a row.
public struct ClassificationMeter: Sendable {
  /// What is kept of each row.
  public enum Kept: Int, Comparable, Sendable {
    case nothing
    /// Confidence and correctness, 9 bytes a row: bins other than `width`, risk and coverage.
    case confidences
    /// Also its part in every mean, 24 or 28 bytes more: resampling.
    case all

    public static func < (a: Kept, b: Kept) -> Bool { a.rawValue < b.rawValue }
  }

  public let classCount: Int
  public let binning: Binning
  public let binCount: Int
  public let kept: Kept
  /// p_y is raised to this in the log-likelihood; nil: as it is, so that a zero makes it infinite.
  public let clip: Double?
  public private(set) var count = 0
  /// The number of the first row, for errors.
  private let firstRow: Int
  /// Whether the top-five accuracy is wanted.
  private let ranks: Bool
  private var infinite = 0
  /// Σ over rows by `RowColumn`; the loss of infinite rows is left out.
  private var sums = [Double](repeating: 0, count: RowColumn.allCases.count)
  private var hasMembers = false
  private var widths: EqualWidthBins
  private var table: ClassTable
  private var scores = RowScores()
  private var columns: RowColumns

  /// Rows may sum to one up to this much: float16 softmax outputs do.
  public static let tolerance = 1e-3

  /// - Parameters:
  ///   - kept: raised to `confidences` where the binning needs an order.
  ///   - ranks: whether the top-five accuracy is wanted; without, it is that of the first alone.
  ///   - firstRow: the number of the first row, where other meters measure those before.
  ///   - rows: how many rows there will be, to reserve memory for what is kept.
  /// - Precondition: there is at least one class and one bin.
  public init(
    classCount: Int, binning: Binning = .width, binCount: Int = 15, clip: Double? = nil,
    kept: Kept = .nothing, ranks: Bool = true, firstRow: Int = 0, rows: Int = 0
  ) {
    precondition(classCount > 0, "there are no classes")
    self.classCount = classCount
    self.binning = binning
    self.binCount = binCount
    self.clip = clip
    self.kept = max(kept, binning == .width ? .nothing : .confidences)
    self.firstRow = firstRow
    self.ranks = ranks
    widths = EqualWidthBins(count: binCount)
    table = ClassTable(classCount: classCount, binCount: binCount, rows: rows)
    columns = RowColumns(
      count: kept == .all ? RowColumn.allCases.count : 0, rows: kept == .all ? rows : 0)
    if self.kept > .nothing { scores.reserve(rows) }
  }

  /// Adds rows: `probabilities` [n, C] row-major, `classes` [n].
  ///
  /// - Parameter memberEntropies: [n], for each row the mean of its members' entropies; empty where
  ///   there are no members. Either all calls have them or none.
  /// - Parameter losses: [n], −ln p_y of each row where it is known better than p_y is; empty to take
  ///   it from the probabilities.
  /// - Throws: `InvalidRow` where a class is not in 0..<C, or the probabilities are not: a number
  ///   below 0, not finite, or a sum that is not one within `tolerance`. The meter is then of no
  ///   further use.
  public mutating func add(
    probabilities: Span<Float>, classes: Span<Int32>, memberEntropies: Span<Double> = .init()
  ) throws(InvalidRow) {
    try addRows(probabilities, classes, memberEntropies, Span<Double>())
  }

  public mutating func add(
    probabilities: Span<Double>, classes: Span<Int32>, memberEntropies: Span<Double> = .init(),
    losses: Span<Double> = .init()
  ) throws(InvalidRow) {
    try addRows(probabilities, classes, memberEntropies, losses)
  }

  private mutating func addRows<Element: RowElement>(
    _ rows: Span<Element>, _ classes: Span<Int32>, _ memberEntropies: Span<Double>,
    _ losses: Span<Double>
  ) throws(InvalidRow) {
    precondition(rows.count == classes.count * classCount, "rows and classes differ in number")
    precondition(memberEntropies.isEmpty || memberEntropies.count == classes.count)
    hasMembers = hasMembers || !memberEntropies.isEmpty
    for i in 0..<classes.count {
      let y = Int(classes[i])
      guard y >= 0 && y < classCount else {
        throw InvalidRow(
          row: firstRow + count, problem: "class \(y) is not one of 0…\(classCount - 1)")
      }
      let start = i * classCount
      let row = Element.summary(of: rows, start: start, label: y, table: &table)
      guard row.isDistribution else {
        throw InvalidRow(row: firstRow + count, summary: row)
      }
      let own = Double(rows[start + y])
      // Where another is larger, the rank is not 0; which it is takes one more look at the row.
      let rank =
        own < row.largest && !ranks
        ? classCount
        : Element.rank(
          of: y, in: rows, start: start, count: own < row.largest ? classCount : y + 1)
      add(
        row, own: own, rank: rank, loss: losses.isEmpty ? nil : losses[i],
        memberEntropy: memberEntropies.isEmpty ? 0 : memberEntropies[i])
    }
  }

  private mutating func add(
    _ row: RowSummary, own p: Double, rank: Int, loss known: Double?, memberEntropy: Double
  ) {
    let loss = loss(of: p, known)
    let brier = row.squares - 2 * p + 1
    count += 1
    if loss == .infinity { infinite += 1 }
    var sums = sums.mutableSpan
    sums[RowColumn.accuracy.rawValue] += rank == 0 ? 1 : 0
    sums[RowColumn.topFive.rawValue] += rank < 5 ? 1 : 0
    sums[RowColumn.loss.rawValue] += loss == .infinity ? 0 : loss
    sums[RowColumn.brier.rawValue] += brier
    sums[RowColumn.confidence.rawValue] += row.largest
    sums[RowColumn.entropy.rawValue] += row.entropy
    sums[RowColumn.memberEntropy.rawValue] += memberEntropy
    if binning == .width { widths.add(confidence: row.largest, correct: rank == 0) }
    if kept > .nothing { scores.add(confidence: row.largest, correct: rank == 0) }
    guard kept == .all else { return }
    columns.append(rank == 0 ? 1 : 0, to: RowColumn.accuracy.rawValue)
    columns.append(rank < 5 ? 1 : 0, to: RowColumn.topFive.rawValue)
    columns.append(loss, to: RowColumn.loss.rawValue)
    columns.append(brier, to: RowColumn.brier.rawValue)
    columns.append(row.largest, to: RowColumn.confidence.rawValue)
    columns.append(row.entropy, to: RowColumn.entropy.rawValue)
    columns.append(memberEntropy, to: RowColumn.memberEntropy.rawValue)
  }

  private func loss(of p: Double, _ known: Double?) -> Double {
    if let clip, p <= clip { return -log(clip) }
    return known ?? (p == 0 ? .infinity : -log(p))
  }

  /// Adds what another meter of the same settings has measured of the rows that follow.
  public mutating func merge(_ other: ClassificationMeter) {
    precondition(
      other.classCount == classCount && other.binning == binning && other.binCount == binCount
        && other.kept == kept, "the meters differ")
    count += other.count
    infinite += other.infinite
    hasMembers = hasMembers || other.hasMembers
    for i in sums.indices { sums[i] += other.sums[i] }
    widths.merge(other.widths)
    table.merge(other.table)
    scores.merge(other.scores)
    columns.merge(other.columns)
  }

  /// The metrics of the rows so far; nil while there are none.
  ///
  /// - Parameter curvePoints: how many points the risk's curve is to have.
  public func report(curvePoints: Int = 0) -> ClassificationReport? {
    guard count > 0 else { return nil }
    var means = sums.map { $0 / Double(count) }
    if infinite > 0 { means[RowColumn.loss.rawValue] = .infinity }
    if !hasMembers { means.removeLast() }
    let ordered = orderedRows
    let none = Span<UInt8>()
    let bins =
      switch binning {
      case .width: widths.bins
      case .mass: ordered!.equalMass(bins: binCount, counts: none)
      case .published: ordered!.published(bins: binCount, counts: none)
      }
    var report = ClassificationReport(
      count: count, infiniteCount: infinite, bins: bins, means: means)
    let cells = table.result()
    report.classwiseCalibrationError = cells.classwiseError(
      classCount: classCount, rowCount: count)
    report.brierParts = cells.brierParts(classCount: classCount, rowCount: count)
    if let ordered { report.addOrdered(ordered, binCount, none, curvePoints) }
    return report
  }

  private var orderedRows: OrderedRows? {
    kept == .nothing
      ? nil : OrderedRows(rows: scores, order: ConfidenceOrder(scores.confidences))
  }

  /// The rows to be resampled; nil where not all of each was kept, or there are none.
  public var resampler: ClassificationResampler? {
    guard kept == .all, count > 0, let orderedRows else { return nil }
    return ClassificationResampler(
      rows: orderedRows, columns: columns, hasMembers: hasMembers, binning: binning,
      binCount: binCount)
  }
}

extension ClassificationReport {
  mutating func addOrdered(
    _ ordered: OrderedRows, _ binCount: Int, _ counts: Span<UInt8>, _ curvePoints: Int
  ) {
    equalMassCalibrationError = ordered.equalMass(bins: binCount, counts: counts)
      .expectedError(of: count)
    selectiveRisk = ordered.selectiveRisk(counts: counts, pointCount: curvePoints)
  }
}
