import Files
import Posteriors
import ToolSupport
import TrajectoryFiles
import WeightSpace

/// Fits mean, variance and deviations of the snapshots of `input` block by block into `output`.
///
/// Cost: one pass over the input (deviations from the final mean read their K snapshots twice);
/// 24 bytes × block width for each thread.
struct GaussianFit: Sendable {
  let input: SnapshotSequence
  /// How many deviations are kept, those of the last snapshots.
  let rows: Int
  let fromFinalMean: Bool
  let output: TensorFileWriter

  /// The memory of one thread.
  private struct Block {
    static let bytesPerColumn = 24
    var moments: RunningMoments
    var values: [Float]
    var result: [Float]

    init(width: Int) {
      moments = RunningMoments(width: width)
      values = [Float](repeating: 0, count: width)
      result = values
    }
  }

  /// - Throws: `FileError`: `wrongData` for a NaN or infinity, and what reading and writing throw.
  func run(memory: Int, progress: ProgressBar) throws {
    let width = input.blockWidth(
      memory: memory, threads: Parallelism.threadCount, bytesPerColumn: Block.bytesPerColumn)
    try forEachColumnBlock(count: input.layout.count, width: width) {
      Block(width: width)
    } _: { columns, block in
      if columns.count != block.moments.width { block = Block(width: columns.count) }
      try fit(columns, &block.moments, &block.values, &block.result)
      progress.advance(by: columns.count)
    }
  }

  private func fit(
    _ columns: Range<Int>, _ moments: inout RunningMoments, _ values: inout [Float],
    _ result: inout [Float]
  ) throws {
    var values = values.mutableSpan
    var result = result.mutableSpan
    let kept = (input.count - rows)..<input.count
    moments.reset()
    for t in 0..<input.count {
      try input.readColumns(columns, of: t, into: &values)
      moments.add(values.span)
      guard kept.contains(t), !fromFinalMean else { continue }
      moments.difference(of: values.span, into: &result)
      try write(result.span, columns, to: "deviations", row: t - kept.lowerBound)
    }
    if fromFinalMean {
      for t in kept {
        try input.readColumns(columns, of: t, into: &values)
        moments.difference(of: values.span, into: &result)
        try write(result.span, columns, to: "deviations", row: t - kept.lowerBound)
      }
    }
    moments.copyMean(into: &result)
    try write(result.span, columns, to: "mean")
    moments.copyVariance(into: &result)
    try write(result.span, columns, to: "variance")
  }

  private func write(
    _ values: Span<Float>, _ columns: Range<Int>, to group: String, row: Int = 0
  ) throws {
    guard values.isFinite else {
      throw try input.firstNonFinite(in: columns) ?? overflow(in: columns, of: group)
    }
    try output.writeColumns(columns, of: group, row: row, from: values)
  }

  private func overflow(in columns: Range<Int>, of group: String) -> FileError {
    FileError(
      .wrongData, file: input.readers[0].name,
      object: "weights/\(input.layout.slot(containing: columns.lowerBound).name)",
      "the \(group) is too large for float32 here or soon after")
  }
}
