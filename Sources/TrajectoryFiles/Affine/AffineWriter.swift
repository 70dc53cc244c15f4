import Files
import WeightSpace

/// Writes an affine trajectory: a shift, components, and for each snapshot how much of each component
/// is added to the shift. It appears whole when it is finished; without `finish()` nothing is left
/// behind.
///
/// First shift and components are filled, in any order, then `setSnapshots`.
public final class AffineWriter: Sendable {
  private let writer: TensorFileWriter
  private let rank: Int

  /// The file's name for messages.
  public var name: String { writer.name }

  /// - Parameters:
  ///   - rank: k, the number of components.
  ///   - buffers: layout and number of rows of running statistics; nil for none.
  ///   - architecture: JSON; nil where it is unknown.
  ///   - history: newest first; nil to leave it out.
  /// - Throws: `FileError`: `cannotCreate`, `inputOutput`.
  public init(
    to target: OutputTarget, layout: VectorLayout, components rank: Int,
    buffers: (layout: VectorLayout, rows: Int)? = nil, architecture: String?, history: [String]?
  ) throws {
    self.rank = rank
    writer = try TensorFileWriter(
      to: target, kind: .trajectory, layout: layout,
      groups: [(.shift, nil), (.components, rank)], architecture: architecture,
      history: history)
    if let buffers {
      try writer.addGroup(.buffers, layout: buffers.layout, rows: buffers.rows)
    }
  }

  /// Fills a range of the elements of component j, or of the shift for nil. May be called from
  /// several threads.
  public func write(component j: Int?, _ columns: Range<Int>, _ values: Span<Float>) throws {
    if let j {
      try writer.writeColumns(columns, of: .components, row: j, from: values)
    } else {
      try writer.writeColumns(columns, of: .shift, from: values)
    }
  }

  /// Writes rows as the components, about a shift of −0, which added to a weight leaves its bits as
  /// they are.
  ///
  /// Returns whether each row but the first equals the one before it. Cost: one pass over the rows; 8
  /// bytes × block width for each thread.
  ///
  /// - Parameters:
  ///   - memory: bytes, of all threads.
  ///   - progress: is told how many columns are done.
  /// - Throws: the rows' error for a NaN or infinity, and what reading and writing throw.
  public func copyComponents(
    of rows: any WeightRows, memory: Int, progress: @Sendable (Int) -> Void = { _ in }
  ) throws -> [Bool] {
    precondition(rows.count == rank, "a row for each component")
    return try Self.copyBlocks(of: rows, memory: memory).reduce(
      into: [Bool](repeating: true, count: max(rank - 1, 0))
    ) {
      [[Float](repeating: 0, count: $0), [Float](repeating: 0, count: $0)]
    } _: { columns, block in
      defer { progress(columns.count) }
      return try copy(columns, of: rows, &block)
    } fold: { total, part in
      for k in total.indices where !part[k] { total[k] = false }
    }
  }

  private static func copyBlocks(of rows: any WeightRows, memory: Int) -> ColumnBlocks {
    rows.blocks(memory: memory, bytesPerColumn: 8)
  }

  /// What `copyComponents` holds in blocks, in bytes.
  public static func copyBytes(of rows: any WeightRows, memory: Int) -> Double {
    copyBlocks(of: rows, memory: memory).memoryBytes(bytesPerColumn: 8)
  }

  private func copy(
    _ columns: Range<Int>, of rows: any WeightRows, _ block: inout [[Float]]
  ) throws -> [Bool] {
    var areEqual: [Bool] = []
    var (row, before) = (block[0], block[1])
    block = []
    defer { block = [row, before] }
    for k in 0..<rank {
      swap(&row, &before)
      var span = row.mutableSpan
      try rows.readColumns(columns, of: k, into: &span)
      guard span.span.isFinite else {
        throw try rows.nonFiniteError(in: columns, of: "a weight is")
      }
      try write(component: k, columns, span.span)
      if k > 0 { areEqual.append(before.span.squaredDistance(to: span.span) == 0) }
    }
    var shift = before.mutableSpan
    shift.update(repeating: -0.0)
    try write(component: nil, columns, shift.span)
    return areEqual
  }

  /// Says what the snapshots are.
  ///
  /// - Parameters:
  ///   - coordinates: of each snapshot, one number for each component.
  ///   - columns: the snapshots' numbers, by name.
  public func setSnapshots(
    _ coordinates: [[Double]], columns: [(name: String, values: [Double])]
  ) throws {
    let count = coordinates.count
    try writer.write(
      numbers: Array(coordinates.joined()), shape: [count, rank], to: .coordinates)
    for column in columns {
      try writer.write(numbers: column.values, shape: [count], to: .snapshots(column.name))
    }
    try writer.write(count: count, to: .committed)
  }

  /// Writes the running statistics of snapshot `i`.
  public func write(buffers: borrowing WeightVector, of i: Int) throws {
    try writer.write(buffers, to: .buffers, row: i)
  }

  /// Completes the file and lets it appear.
  ///
  /// - Throws: `FileError` of kind `inputOutput` on a full disk; `ClosedPipe`.
  public func finish() throws { try writer.finish() }
}
