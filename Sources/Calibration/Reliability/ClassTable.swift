/// For every class, how its probability p and its being true are spread over bins of equal width:
/// the number of rows in each bin (k/B, (k+1)/B], Σ p, and how many of them are of the class.
///
/// Nearly all probabilities of a row lie in the first bin. Only the others, and that of the row's
/// own class, are put down one by one; the first bin is what they leave of the class's sums.
/// Memory: O(C · B). Cost: O(C) a row.
struct ClassTable: Sendable {
  let classCount: Int
  let binCount: Int
  private var rowCount = 0
  /// Σ p of each class, without the rows that are still in `partial`.
  private var sums: [Double]
  /// Σ p of each class over the last few rows, eight classes to an element.
  private var partial: [SIMD8<Float>] = []
  private var partialRows = 0
  /// What is not in the first bin, until it is put into `cells`.
  private var entries: [Entry] = []
  private var cells: [ClassCell] = []

  /// The bins' edges k/B, k = 0…B.
  private let edges: [Double]

  /// One probability that counts in a bin of its own.
  private struct Entry {
    var p: Double
    /// The number of its cell times two, and one more where the class is the row's own.
    var place: UInt32

    @inline(__always)
    init(_ p: Double, of classNumber: Int, label: Int, edges: Span<Double>) {
      self.p = p
      let bin = EqualWidthBins.index(of: p, edges: edges)
      let cell = classNumber &* (edges.count &- 1) &+ bin
      place = UInt32(truncatingIfNeeded: cell &* 2 &+ (classNumber == label ? 1 : 0))
    }
  }

  /// - Parameter rows: how many rows there will be, to reserve memory.
  /// - Precondition: C · B < 2³¹.
  init(classCount: Int, binCount: Int, rows: Int = 0) {
    precondition(classCount < (1 << 31) / binCount, "too many bins")
    self.classCount = classCount
    self.binCount = binCount
    sums = Array(repeating: 0, count: classCount)
    edges = (0...binCount).map { Double($0) / Double(binCount) }
    entries.reserveCapacity(min(4 * rows, 1 << 16))
  }

  /// Adds a row in Double.
  mutating func add(_ rows: Span<Double>, start: Int, label: Int) -> RowSummary {
    let edgeList = edges
    let edge = edgeList[1]
    let edges = edgeList.span
    var result = RowSummary()
    for j in 0..<classCount {
      let p = rows[start + j]
      result.add(p)
      sums[j] += p
      if p > edge { entries.append(Entry(p, of: j, label: label, edges: edges)) }
    }
    finishRow(own: rows[start + label], label: label, isLarge: rows[start + label] > edge)
    return result
  }

  /// Adds a row of Floats.
  mutating func add(_ rows: Span<Float>, start: Int, label: Int) -> RowSummary {
    // The largest Float that is in the first bin.
    var edge = Float(edges[1])
    if Double(edge) > edges[1] { edge = edge.nextDown }
    if partial.isEmpty { partial = Array(repeating: .zero, count: (classCount + 7) / 8) }
    let edgeList = edges
    let result = Self.addLanes(
      rows, start, classCount, label: label, edge: edge, edges: edgeList.span, to: &partial,
      &entries)
    partialRows += 1
    // Few enough that the sums lose nothing that the probabilities have.
    if partialRows == 64 { flush() }
    let own = rows[start + label]
    finishRow(own: Double(own), label: label, isLarge: own > edge)
    return result
  }

  /// Eight classes at a time; which of those hold a large probability is noted first and looked into
  /// afterwards, so that the sums stay in registers.
  private static func addLanes(
    _ rows: Span<Float>, _ start: Int, _ classCount: Int, label: Int, edge: Float,
    edges: Span<Double>, to sums: inout [SIMD8<Float>], _ entries: inout [Entry]
  ) -> RowSummary {
    precondition(start >= 0 && start + classCount <= rows.count, "no such row")
    var lanes = RowLanes()
    var first = 0
    while first < classCount {
      let end = min(first + 512, classCount)
      var large: UInt64 = 0
      var sums = sums.mutableSpan
      let bytes = unsafe rows.bytes
      var group = first / 8
      while group &* 8 &+ 8 <= end {
        // In bounds by the precondition above.
        let p = unsafe bytes.unsafeLoadUnaligned(
          fromUncheckedByteOffset: (start &+ group &* 8) &* 4, as: SIMD8<Float>.self)
        lanes.add(p)
        sums[group] += p
        large |= hasLarger(p, edge) &<< UInt64(truncatingIfNeeded: group &- first / 8)
        group &+= 1
      }
      if group * 8 < end {
        var p = SIMD8<Float>.zero
        for j in group * 8..<end { p[j - group * 8] = rows[start + j] }
        lanes.add(p)
        sums[group] += p
        large |= hasLarger(p, edge) << UInt64(group - first / 8)
      }
      while large != 0 {
        let j = first + 8 * large.trailingZeroBitCount
        for k in j..<min(j + 8, classCount) where rows[start + k] > edge {
          entries.append(
            Entry(Double(rows[start + k]), of: k, label: label, edges: edges))
        }
        large &= large - 1
      }
      first = end
    }
    return lanes.total
  }

  /// 1 where one of the eight is above the edge, else 0.
  @inline(__always)
  private static func hasLarger(_ p: SIMD8<Float>, _ edge: Float) -> UInt64 {
    let above = unsafe unsafeBitCast(p .> edge, to: SIMD4<UInt64>.self)
    return above[0] | above[1] | above[2] | above[3] == 0 ? 0 : 1
  }

  private mutating func finishRow(own: Double, label: Int, isLarge: Bool) {
    let edges = edges
    if !isLarge { entries.append(Entry(own, of: label, label: label, edges: edges.span)) }
    rowCount += 1
    if entries.count >= 1 << 16 { settle() }
  }

  private mutating func flush() {
    guard partialRows > 0 else { return }
    for j in 0..<classCount { sums[j] += Double(partial[j / 8][j % 8]) }
    for group in partial.indices { partial[group] = .zero }
    partialRows = 0
  }

  /// Puts the entries into the cells.
  private mutating func settle() {
    take(entries)
    entries.removeAll(keepingCapacity: true)
  }

  private mutating func take(_ entries: [Entry]) {
    if cells.isEmpty { cells = Array(repeating: ClassCell(), count: classCount * binCount) }
    var cells = cells.mutableSpan
    for entry in entries {
      let cell = Int(entry.place / 2)
      cells[cell].trues &+= Int(entry.place % 2)
      // What the first bins hold besides is known from the sums.
      cells[cell].count &+= 1
      cells[cell].sum += entry.p
    }
  }

  /// Adds the rows of another table of the same classes and bins.
  mutating func merge(_ other: ClassTable) {
    var other = other
    other.flush()
    flush()
    rowCount += other.rowCount
    for j in 0..<classCount { sums[j] += other.sums[j] }
    settle()
    take(other.entries)
    for (i, cell) in other.cells.enumerated() {
      cells[i].count += cell.count
      cells[i].sum += cell.sum
      cells[i].trues += cell.trues
    }
  }

  /// What was found, for every class its B cells.
  func result() -> [ClassCell] {
    var copy = self
    copy.flush()
    copy.settle()
    for j in 0..<classCount {
      var first = ClassCell(
        count: rowCount, sum: copy.sums[j], trues: copy.cells[j * binCount].trues)
      for k in 1..<max(binCount, 1) {
        first.count -= copy.cells[j * binCount + k].count
        first.sum -= copy.cells[j * binCount + k].sum
      }
      copy.cells[j * binCount] = first
    }
    return copy.cells
  }
}

/// The rows whose probability of one class falls into one bin.
struct ClassCell: Sendable, Equatable {
  var count = 0
  /// Σ p
  var sum = 0.0
  /// How many are of the class.
  var trues = 0
}
