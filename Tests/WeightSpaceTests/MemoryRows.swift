import WeightSpace

/// Rows in memory, one tensor each.
struct MemoryRows: WeightRows {
  struct NotFinite: Error, Equatable { let result: String }

  let rows: [[Float]]
  var layout: VectorLayout { VectorLayout([("w", [rows[0].count], .weight)]) }
  var count: Int { rows.count }

  func readColumns(
    _ columns: Range<Int>, of row: Int, into target: inout MutableSpan<Float>
  ) throws {
    for (i, column) in columns.enumerated() { target[i] = rows[row][column] }
  }

  func nonFiniteError(in columns: Range<Int>, of result: String) throws -> any Error {
    NotFinite(result: result)
  }
}
