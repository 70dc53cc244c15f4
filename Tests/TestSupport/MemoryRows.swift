import WeightSpace

/// Rows in memory, of one tensor.
public struct MemoryRows: WeightRows {
  public struct NotFinite: Error, Equatable {
    public let result: String
    public init(result: String) { self.result = result }
  }

  public let rows: [[Float]]

  public init(rows: [[Float]]) { self.rows = rows }

  public var layout: VectorLayout { VectorLayout([("w", [rows[0].count], .weight)]) }
  public var count: Int { rows.count }

  public func readColumns(
    _ columns: Range<Int>, of row: Int, into target: inout MutableSpan<Float>
  ) throws {
    for (i, column) in columns.enumerated() { target[i] = rows[row][column] }
  }

  public func nonFiniteError(in columns: Range<Int>, of result: String) throws -> any Error {
    NotFinite(result: result)
  }
}
