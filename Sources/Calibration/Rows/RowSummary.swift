import Glibc

/// What the metrics need of one row of probabilities p, in one pass over it.
struct RowSummary: Equatable {
  /// Σ p
  var sum = 0.0
  /// Σ p²
  var squares = 0.0
  /// −Σ p ln p, with 0 ln 0 = 0.
  var entropy = 0.0
  /// The largest p, or 0.
  var largest = 0.0
  /// The smallest p, or 0: negative only where a p is.
  var smallest = 0.0

  /// Adds one p.
  @inline(__always) mutating func add(_ p: Double) {
    sum += p
    squares += p * p
    if p > 0 { entropy -= p * log(p) }
    largest = max(largest, p)
    smallest = min(smallest, p)
  }

  /// Whether the row is a distribution.
  var isDistribution: Bool { smallest >= 0 && abs(sum - 1) <= ClassificationMeter.tolerance }
}

/// The types that probabilities are stored in.
protocol RowElement: BinaryFloatingPoint, BitwiseCopyable {
  /// The summary of the elements from `start`, one for each class, which are also added to the
  /// table under the row's class.
  static func summary(
    of rows: Span<Self>, start: Int, label: Int, table: inout ClassTable
  ) -> RowSummary
  /// How many of the `count` elements from `start` come before element `label` when they are sorted
  /// from the largest down, those before it among equals.
  static func rank(of label: Int, in rows: Span<Self>, start: Int, count: Int) -> Int
}

extension Double: RowElement {
  static func summary(
    of rows: Span<Double>, start: Int, label: Int, table: inout ClassTable
  ) -> RowSummary { table.add(rows, start: start, label: label) }

  static func rank(of label: Int, in rows: Span<Double>, start: Int, count: Int) -> Int {
    let own = rows[start + label]
    var rank = 0
    for j in 0..<count where rows[start + j] > own || j < label && rows[start + j] == own {
      rank += 1
    }
    return rank
  }
}

extension Float: RowElement {
  static func summary(
    of rows: Span<Float>, start: Int, label: Int, table: inout ClassTable
  ) -> RowSummary { table.add(rows, start: start, label: label) }

  static func rank(of label: Int, in rows: Span<Float>, start: Int, count: Int) -> Int {
    precondition(start >= 0 && start + count <= rows.count, "no such row")
    let own = rows[start + label]
    let bytes = unsafe rows.bytes
    var lanes = SIMD8<Int32>.zero
    var rank = 0
    var j = 0
    while j < count {
      // Whole groups of eight before or after the element itself, the others one by one.
      if j + 8 <= count && (j + 8 <= label || j > label) {
        // In bounds by the precondition above.
        let p = unsafe bytes.unsafeLoadUnaligned(
          fromUncheckedByteOffset: (start &+ j) &* 4, as: SIMD8<Float>.self)
        let before = j < label ? p .>= own : p .> own
        lanes.replace(with: lanes &+ 1, where: before)
        j += 8
      } else {
        let p = rows[start + j]
        if p > own || j < label && p == own { rank += 1 }
        j += 1
      }
    }
    return rank + Int(lanes.wrappedSum())
  }
}
