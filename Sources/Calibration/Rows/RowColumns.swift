/// Numbers kept of every row, some of them per row: their means over a resampled set of rows are
/// metrics. Memory: 4 bytes a number.
struct RowColumns: Sendable {
  private(set) var columns: [[Float]]

  init(count: Int, rows: Int = 0) {
    columns = Array(repeating: [], count: count)
    for i in columns.indices { columns[i].reserveCapacity(rows) }
  }

  var rowCount: Int { columns.first?.count ?? 0 }

  mutating func append(_ value: Double, to column: Int) { columns[column].append(Float(value)) }

  mutating func merge(_ other: RowColumns) {
    for i in columns.indices { columns[i] += other.columns[i] }
  }

  /// Σ wᵢ xᵢ / Σ wᵢ of every column; a row that is not drawn counts nothing, whatever it holds.
  func means(_ counts: Span<UInt8>) -> [Double] {
    var total = 0
    for i in 0..<counts.count { total += Int(counts[i]) }
    return columns.map { column in
      precondition(column.count == counts.count, "a count for each row")
      return Self.sum(column.span, counts) / Double(total)
    }
  }

  /// Four partial sums, so that additions need not wait for each other.
  private static func sum(_ x: Span<Float>, _ counts: Span<UInt8>) -> Double {
    var sums = SIMD4<Double>.zero
    var i = 0
    while i + 4 <= x.count {
      let values = SIMD4<Double>(
        Double(x[i]), Double(x[i + 1]), Double(x[i + 2]), Double(x[i + 3]))
      let weights = SIMD4<Double>(
        Double(counts[i]), Double(counts[i + 1]), Double(counts[i + 2]), Double(counts[i + 3]))
      // An infinite value that is not drawn must not make 0 · ∞.
      sums += (weights * values).replacing(with: 0, where: weights .== 0)
      i += 4
    }
    while i < x.count {
      if counts[i] > 0 { sums[0] += Double(counts[i]) * Double(x[i]) }
      i += 1
    }
    return (sums[0] + sums[1]) + (sums[2] + sums[3])
  }
}
