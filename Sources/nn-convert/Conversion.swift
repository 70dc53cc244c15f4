import Files
import ToolSupport
import TrajectoryFiles
import WeightSpace

/// Copies snapshots block by block. No more than a block of each thread is in memory, but for running
/// statistics.
struct Conversion: Sendable {
  let input: SnapshotSequence
  let memory: Int
  let progress: ProgressBar

  static func blocks(
    of input: SnapshotSequence, memory: Int, bytesPerColumn: Int
  ) -> ColumnBlocks {
    input.blocks(memory: memory, bytesPerColumn: bytesPerColumn)
  }

  /// Fills a trajectory with all snapshots.
  ///
  /// - Throws: `FileError`: `wrongData` for a NaN or infinity and for running statistics that differ
  ///   between files, and what reading and writing throw.
  func run(into output: TrajectoryWriter) throws {
    let first = input.readers[0]
    for reader in input.readers where (reader.bufferLayout == nil) != (first.bufferLayout == nil) {
      let (without, with) = reader.bufferLayout == nil ? (reader, first) : (first, reader)
      throw FileError(
        .wrongData, file: without.name, object: GroupName.buffers.path,
        "missing, but \(with.name) has running statistics; run bn-update, or convert them apart")
    }
    for reader in input.readers.dropFirst() {
      try reader.arrange(like: input.layout, buffers: first.bufferLayout, named: first.name)
    }
    let blocks = Self.blocks(of: input, memory: memory, bytesPerColumn: 4)
    for t in 0..<input.count {
      try blocks.forEachBlock {
        [Float](repeating: 0, count: $0)
      } _: { columns, values in
        var values = values.mutableSpan
        try input.readColumns(columns, of: t, into: &values)
        guard values.span.isFinite else { throw try problem(in: columns) }
        try output.writeColumns(columns, of: t, from: values.span)
        progress.advance(by: columns.count)
      }
    }
    progress.clear()
    guard first.bufferLayout != nil else { return }
    var t = 0
    for reader in input.readers {
      for i in 0..<reader.snapshotCount {
        try output.setBuffers(reader.readBuffers(i), of: t)
        t += 1
      }
    }
  }

  /// Fills a state dict with the one snapshot there is, its running statistics after its weights.
  ///
  /// - Throws: as above, and for a number that is too large for the type it is written as.
  func run(into output: StateDictWriter) throws {
    try Self.blocks(of: input, memory: memory, bytesPerColumn: 8).forEachBlock {
      [Double](repeating: 0, count: $0)
    } _: { columns, values in
      var values = values.mutableSpan
      try input.readColumns(columns, of: 0, into: &values)
      guard values.span.isFinite else { throw try problem(in: columns) }
      try output.writeColumns(columns, from: values.span)
      progress.advance(by: columns.count)
    }
    progress.clear()
    guard output.layout.count > input.layout.count else { return }
    let statistics = try input.readers[0].readBuffers(0)
    try output.writeColumns(input.layout.count..<output.layout.count, from: statistics.span)
  }

  private func problem(in columns: Range<Int>) throws -> FileError {
    try input.firstNonFinite(in: columns)
      ?? FileError(
        .wrongData, file: input.readers[0].name, "changes while it is read")
  }
}
