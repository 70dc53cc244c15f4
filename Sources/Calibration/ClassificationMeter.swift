import Glibc

/// Metrics of predicted class probabilities, in one pass over blocks of rows.
///
/// With p a row's probabilities, y its class, c = max p its confidence and N rows, all means over
/// rows:
/// - accuracy: the first largest p is at y
/// - negative log-likelihood: −ln p_y, in nats
/// - Brier score: Σⱼ (pⱼ − [j = y])², from 0 to 2 (Brier 1950)
/// - expected and maximum calibration error: `Binning`
/// - mean confidence c and mean entropy −Σ p ln p, in nats
///
/// Sums are in Double. Memory: O(bins), and 8 bytes a row for binnings other than `width`. Cost:
/// O(C) a row.
public struct ClassificationMeter: Sendable {
  public let classCount: Int
  public let binning: Binning
  public let binCount: Int
  /// p_y is raised to this in the log-likelihood; nil: as it is, so that a zero makes it infinite.
  public let clip: Double?
  public private(set) var count = 0
  /// The number of the first row, for errors.
  private let firstRow: Int
  private var correct = 0
  private var logLikelihood = 0.0
  private var infinite = 0
  private var brier = 0.0
  private var confidence = 0.0
  private var entropy = 0.0
  private var widths: EqualWidthBins
  private var sorted = SortedConfidences()

  /// Rows may sum to one up to this much: float16 softmax outputs do.
  public static let tolerance = 1e-3

  /// - Parameter firstRow: the number of the first row, where other meters measure those before.
  /// - Precondition: there is at least one class and one bin.
  public init(
    classCount: Int, binning: Binning = .width, binCount: Int = 15, clip: Double? = nil,
    firstRow: Int = 0
  ) {
    precondition(classCount > 0, "there are no classes")
    self.classCount = classCount
    self.binning = binning
    self.binCount = binCount
    self.clip = clip
    self.firstRow = firstRow
    widths = EqualWidthBins(count: binCount)
  }

  /// Adds rows: `probabilities` [n, C] row-major, `classes` [n].
  ///
  /// - Throws: `InvalidRow` where a class is not in 0..<C, or the probabilities are not: a number
  ///   below 0, not finite, or a sum that is not one within `tolerance`. The meter is then of no
  ///   further use.
  public mutating func add(
    probabilities: Span<Float>, classes: Span<Int32>
  ) throws(InvalidRow) {
    try addRows(probabilities, classes)
  }

  public mutating func add(
    probabilities: Span<Double>, classes: Span<Int32>
  ) throws(InvalidRow) {
    try addRows(probabilities, classes)
  }

  private mutating func addRows<Element: RowElement>(
    _ rows: Span<Element>, _ classes: Span<Int32>
  ) throws(InvalidRow) {
    precondition(rows.count == classes.count * classCount, "rows and classes differ in number")
    for i in 0..<classes.count {
      let y = Int(classes[i])
      guard y >= 0 && y < classCount else {
        throw InvalidRow(
          row: firstRow + count, problem: "class \(y) is not one of 0…\(classCount - 1)")
      }
      let row = Element.summary(of: rows, start: i * classCount, count: classCount)
      guard row.smallest >= 0, abs(row.sum - 1) <= Self.tolerance else {
        throw InvalidRow(row: firstRow + count, summary: row)
      }
      let isCorrect = Self.isFirstLargest(rows, start: i * classCount, y, row.largest)
      add(row, own: Double(rows[i * classCount + y]), isCorrect: isCorrect)
    }
  }

  private mutating func add(_ row: RowSummary, own p: Double, isCorrect: Bool) {
    let likelihood = max(p, clip ?? 0)
    if likelihood == 0 { infinite += 1 } else { logLikelihood += log(likelihood) }
    count += 1
    correct += isCorrect ? 1 : 0
    brier += row.squares - 2 * p + 1
    confidence += row.largest
    entropy += row.entropy
    switch binning {
    case .width: widths.add(confidence: row.largest, correct: isCorrect)
    case .mass, .published: sorted.add(confidence: row.largest, correct: isCorrect)
    }
  }

  /// Whether element `y` is the first of the largest.
  private static func isFirstLargest<Element: RowElement>(
    _ rows: Span<Element>, start: Int, _ y: Int, _ largest: Double
  ) -> Bool {
    guard Double(rows[start + y]) == largest else { return false }
    for j in 0..<y where Double(rows[start + j]) == largest { return false }
    return true
  }

  /// Adds what another meter of the same settings has measured of the rows that follow.
  public mutating func merge(_ other: ClassificationMeter) {
    precondition(
      other.classCount == classCount && other.binning == binning && other.binCount == binCount,
      "the meters differ")
    count += other.count
    correct += other.correct
    logLikelihood += other.logLikelihood
    infinite += other.infinite
    brier += other.brier
    confidence += other.confidence
    entropy += other.entropy
    widths.merge(other.widths)
    sorted.merge(other.sorted)
  }

  /// The metrics of the rows so far; nil while there are none.
  public func report() -> ClassificationReport? {
    guard count > 0 else { return nil }
    let bins =
      switch binning {
      case .width: widths.bins
      case .mass: sorted.equalMass(bins: binCount)
      case .published: sorted.published(bins: binCount)
      }
    let total = Double(count)
    return ClassificationReport(
      count: count, accuracy: Double(correct) / total,
      negativeLogLikelihood: infinite > 0 ? .infinity : -logLikelihood / total,
      infiniteCount: infinite, brierScore: brier / total,
      expectedCalibrationError: bins.expectedError(of: count),
      maximumCalibrationError: bins.maximumError, meanConfidence: confidence / total,
      meanEntropy: entropy / total, bins: bins)
  }
}

/// What `ClassificationMeter` measures.
public struct ClassificationReport: Sendable, Equatable {
  public var count: Int
  public var accuracy: Double
  /// In nats; infinite where a row gives its own class no probability.
  public var negativeLogLikelihood: Double
  /// The number of such rows.
  public var infiniteCount: Int
  public var brierScore: Double
  public var expectedCalibrationError: Double
  public var maximumCalibrationError: Double
  public var meanConfidence: Double
  public var meanEntropy: Double
  /// The reliability table.
  public var bins: [ReliabilityBin]
}
