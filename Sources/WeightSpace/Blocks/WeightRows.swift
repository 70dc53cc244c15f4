/// The rows of a matrix [T, P], such as the snapshots of a training run, that stay where they are: a
/// range of columns is read at a time, so that neither T nor P is bounded by memory.
public protocol WeightRows: Sendable {
  /// T
  var count: Int { get }
  /// The tensors that a row's P columns are.
  var layout: VectorLayout { get }
  /// The widest block of columns that pays.
  var widestBlock: Int { get }
  /// Whether some rows are stored as float64, which reading into Floats rounds.
  var holdsDoubles: Bool { get }

  /// Reads columns of a row, one element for each. May be called from several threads.
  func readColumns(
    _ columns: Range<Int>, of row: Int, into target: inout MutableSpan<Float>) throws
  /// As reading into Floats, but without rounding.
  func readColumns(
    _ columns: Range<Int>, of row: Int, into target: inout MutableSpan<Double>) throws

  /// The error for a result of these columns that is not finite: the first NaN or infinity that the
  /// rows have there, or else that it is too large for a Float.
  ///
  /// - Parameter result: what it is, as in "the average is".
  func nonFiniteError(in columns: Range<Int>, of result: String) throws -> any Error
}

extension WeightRows {
  /// What fits a second-level cache.
  public var widestBlock: Int { 1 << 15 }
  public var holdsDoubles: Bool { false }

  public func readColumns(
    _ columns: Range<Int>, of row: Int, into target: inout MutableSpan<Double>
  ) throws {
    var values = [Float](repeating: 0, count: columns.count)
    var span = values.mutableSpan
    try readColumns(columns, of: row, into: &span)
    for i in values.indices { target[i] = Double(values[i]) }
  }

  /// Blocks of the rows' columns for `memory` bytes; widths are multiples of `leaf`.
  public func blocks(memory: Int, bytesPerColumn: Int, leaf: Int = 1) -> ColumnBlocks {
    ColumnBlocks(
      count: layout.count, memory: memory, bytesPerColumn: bytesPerColumn, widest: widestBlock,
      leaf: leaf)
  }
}
