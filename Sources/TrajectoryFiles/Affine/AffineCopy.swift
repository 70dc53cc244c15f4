import Files
import WeightSpace

/// The selected snapshots of an affine trajectory in a new one, with running statistics of their own:
/// the components are kept, however many snapshots there are.
///
/// It appears whole when it is finished; without `finish()` nothing is left behind.
public final class AffineCopy {
  private let writer: AffineWriter
  private let hasBuffers: Bool

  /// Copies everything but the statistics. Nil where the snapshots are stored one by one.
  ///
  /// - Parameters:
  ///   - bufferLayout: the statistics to be written; nil for none.
  ///   - architecture: JSON; nil where it is unknown.
  ///   - history: newest first; nil to leave it out.
  /// - Throws: `FileError`: `cannotCreate`, `inputOutput`.
  public init?(
    of reader: TrajectoryReader, to target: OutputTarget, bufferLayout: VectorLayout?,
    architecture: String?, history: [String]?
  ) throws {
    guard case .affine(let source) = reader.source else { return nil }
    let count = reader.snapshotCount
    writer = try AffineWriter(
      to: target, layout: reader.layout, components: source.rank,
      buffers: bufferLayout.map { ($0, count) }, architecture: architecture, history: history)
    hasBuffers = bufferLayout != nil
    try copy(source.shift, row: 0, component: nil)
    for j in 0..<source.rank { try copy(source.components, row: j, component: j) }
    try writer.setSnapshots(
      reader.indices.map { i in
        Array(source.coordinates[(i * source.rank)..<((i + 1) * source.rank)])
      }, columns: reader.columns.map { ($0.name, $0.values) })
  }

  private func copy(_ tensors: TensorGroup, row: Int, component: Int?) throws {
    let count = tensors.layout.count
    for start in stride(from: 0, to: count, by: 1 << 20) {
      let columns = start..<min(start + 1 << 20, count)
      var block = [Float](repeating: 0, count: columns.count)
      var span = block.mutableSpan
      try unsafe span.withUnsafeMutableBufferPointer {
        try unsafe tensors.read(row: row, columns: columns, into: $0)
      }
      try writer.write(component: component, columns, span.span)
    }
  }

  /// Writes the statistics of snapshot `i` of the selection.
  public func write(buffers: borrowing WeightVector, of i: Int) throws {
    precondition(hasBuffers, "the trajectory has no statistics")
    try writer.write(buffers: buffers, of: i)
  }

  /// Completes the file and lets it appear.
  public func finish() throws { try writer.finish() }
}
