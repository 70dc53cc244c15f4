/// How the classes' probabilities are spread over bins, kept apart for groups of rows: what class-wise
/// metrics of resampled rows are made from, where keeping all C probabilities of N rows would take too
/// much memory.
///
/// Up to G rows, each is a group of its own, and drawing groups is drawing rows. Beyond, the rows of
/// each run of G in turn go to one group each, shifted from run to run so that groups are alike
/// however the rows are sorted. The variance between means of groups that are drawn again is that
/// between means of rows that are; as it comes from G numbers, its relative standard error is √(2/G).
///
/// Memory: 16 G C B bytes, at most `memoryLimit`. Cost: O(C) a row, O(G C B) a report.
public struct ClassGroups: Sendable {
  /// G
  public let groupCount: Int
  let classCount: Int
  private let binCount: Int
  private let edges: [Double]
  /// [G]
  private var rowCounts: [UInt32]
  /// Σ p, [G, C]
  private var sums: [Double]
  /// What is not in the first bin; of the first, only what is of the class: [G, C, B] each.
  private var counts: [UInt32]
  private var trues: [UInt32]
  private var binSums: [Double]

  /// Bytes that the groups may take.
  static let memoryLimit = 1 << 26

  /// - Parameters:
  ///   - rows: how many there will be.
  ///   - most: the largest G.
  /// - Returns: nil where the memory would not do for fifty groups, which many classes take.
  public init?(classCount: Int, binCount: Int, rows: Int, most: Int = 1000) {
    guard
      let count = Self.groupCount(
        classCount: classCount, binCount: binCount, rows: rows, most: most)
    else { return nil }
    groupCount = count
    self.classCount = classCount
    self.binCount = binCount
    edges = (0...binCount).map { Double($0) / Double(binCount) }
    rowCounts = Array(repeating: 0, count: groupCount)
    sums = Array(repeating: 0, count: groupCount * classCount)
    let cells = groupCount * classCount * binCount
    counts = Array(repeating: 0, count: cells)
    trues = Array(repeating: 0, count: cells)
    binSums = Array(repeating: 0, count: cells)
  }

  /// Adds rows [n, C], the first of which has that number, with their classes [n].
  public mutating func add(firstRow: Int, probabilities: Span<Float>, classes: Span<Int32>) {
    let classCount = classCount
    for i in 0..<classes.count {
      add(row: firstRow + i, label: Int(classes[i])) { Double(probabilities[i * classCount + $0]) }
    }
  }

  private static func groupCount(classCount: Int, binCount: Int, rows: Int, most: Int) -> Int? {
    let affordable = memoryLimit / (16 * classCount * binCount)
    guard rows > 0, affordable >= min(rows, 50) else { return nil }
    return min(rows, most, affordable)
  }

  /// What the groups take, in bytes; 0 where there are none.
  public static func byteCount(classCount: Int, binCount: Int, rows: Int, most: Int = 1000) -> Int {
    let count =
      groupCount(classCount: classCount, binCount: binCount, rows: rows, most: most) ?? 0
    return count * classCount * (16 * binCount + 8)
  }

  public mutating func add(firstRow: Int, probabilities: Span<Double>, classes: Span<Int32>) {
    let classCount = classCount
    for i in 0..<classes.count {
      add(row: firstRow + i, label: Int(classes[i])) { probabilities[i * classCount + $0] }
    }
  }

  @inline(__always)
  private mutating func add(row: Int, label: Int, _ probability: (Int) -> Double) {
    let group = group(of: row)
    rowCounts[group] += 1
    let edges = edges
    let edge = edges[1]
    for j in 0..<classCount {
      let p = probability(j)
      sums[group &* classCount &+ j] += p
      guard p > edge || j == label else { continue }
      let bin = EqualWidthBins.index(of: p, edges: edges.span)
      let cell = (group * classCount + j) * binCount + bin
      if j == label { trues[cell] += 1 }
      if bin > 0 {
        counts[cell] += 1
        binSums[cell] += p
      }
    }
  }

  private func group(of row: Int) -> Int {
    let run = UInt64(row / groupCount)
    // Some number that looks random; the first run is not shifted, so that few rows are in order.
    let shift = ((run &* 0x9E37_79B9_7F4A_7C15) >> 33) % UInt64(groupCount)
    return (row + Int(shift)) % groupCount
  }

  /// For every class its B cells where group g counts `drawn[g]` times, and how many rows those are.
  func cells(_ drawn: Span<UInt8>) -> (cells: [ClassCell], rowCount: Int) {
    precondition(drawn.count == groupCount, "a count for each group")
    let perGroup = classCount * binCount
    var (count, own) = (
      [UInt32](repeating: 0, count: perGroup), [UInt32](repeating: 0, count: perGroup)
    )
    var (binSum, sum) = (
      [Double](repeating: 0, count: perGroup), [Double](repeating: 0, count: classCount)
    )
    var total = 0
    for g in 0..<groupCount where drawn[g] > 0 {
      total += Int(drawn[g]) * Int(rowCounts[g])
      accumulate(
        UInt32(drawn[g]), counts.span.extracting(g * perGroup..<(g + 1) * perGroup), &count)
      accumulate(UInt32(drawn[g]), trues.span.extracting(g * perGroup..<(g + 1) * perGroup), &own)
      accumulate(
        Double(drawn[g]), binSums.span.extracting(g * perGroup..<(g + 1) * perGroup), &binSum)
      accumulate(
        Double(drawn[g]), sums.span.extracting(g * classCount..<(g + 1) * classCount), &sum)
    }
    var cells = (0..<perGroup).map {
      ClassCell(count: Int(count[$0]), sum: binSum[$0], trues: Int(own[$0]))
    }
    for j in 0..<classCount {
      let first = j * binCount
      let others = cells[first + 1..<first + binCount]
      cells[first].count = total - others.reduce(0) { $0 + $1.count }
      cells[first].sum = sum[j] - others.reduce(0) { $0 + $1.sum }
    }
    return (cells, total)
  }

  private func accumulate(_ factor: UInt32, _ values: Span<UInt32>, _ target: inout [UInt32]) {
    var target = target.mutableSpan
    for i in 0..<values.count { target[i] &+= factor &* values[i] }
  }

  private func accumulate(_ factor: Double, _ values: Span<Double>, _ target: inout [Double]) {
    var target = target.mutableSpan
    for i in 0..<values.count { target[i] += factor * values[i] }
  }
}

extension ClassificationReport {
  /// Adds the class-wise metrics of groups of rows, where group g counts `drawn[g]` times.
  public mutating func addClasses(_ groups: ClassGroups, _ drawn: Span<UInt8>) {
    let (cells, rowCount) = groups.cells(drawn)
    let classCount = groups.classCount
    classwiseCalibrationError = cells.classwiseError(classCount: classCount, rowCount: rowCount)
    brierParts = cells.brierParts(classCount: classCount, rowCount: rowCount)
  }
}
