import Files
import WeightSpace

/// The rows of a group of a file, such as the deviations of a gaussian.
public struct TensorRows: WeightRows {
  public let reader: TensorFileReader
  public let group: GroupName
  public let count: Int

  /// - Throws: `FileError` of kind `wrongData` where the group's tensors differ in their rows.
  public init(_ reader: TensorFileReader, _ group: GroupName) throws {
    self.reader = reader
    self.group = group
    count = try reader.rows(of: group)
  }

  public var layout: VectorLayout { reader.layout }
  public var widestBlock: Int { 1 << 13 }

  public func readColumns(
    _ columns: Range<Int>, of row: Int, into target: inout MutableSpan<Float>
  ) throws {
    try reader.readColumns(columns, of: group, row: row, into: &target)
  }

  public func nonFiniteError(in columns: Range<Int>, of result: String) throws -> any Error {
    for row in 0..<count {
      if let error = try reader.firstNonFinite(in: columns, of: group, row: row) { return error }
    }
    return FileError(
      .wrongData, file: reader.name,
      object: group.path(of: layout.slot(containing: columns.lowerBound).name),
      "\(result) too large for float32 here or soon after")
  }
}
