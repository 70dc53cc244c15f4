import Files
import ToolSupport
import TrajectoryFiles
import WeightSpace

/// Where averages go: a weight file that has a row for each, or one snapshot in another program's
/// format.
enum AverageOutput: Sendable {
  case trajectory(TrajectoryWriter)
  case stateDict(StateDictWriter)
}

/// Averages the snapshots of `input` block by block into `output`: after the last step, or with
/// `running` after each one.
///
/// A column's sum is made in Double in the snapshots' order, so that the result does not depend on
/// blocks or threads. Cost: one pass over the input; 16 bytes × block width for each thread, or 24
/// where some input is float64.
struct WeightAverage: Sendable {
  let input: SnapshotSequence
  let steps: [Averaging.Step]
  let running: Bool
  let output: AverageOutput

  /// The memory of one thread: sums, one snapshot and one average of some columns.
  private struct Block {
    var sums: [Double]
    var values: [Float]
    var doubles: [Double]
    var averages: [Float]

    init(width: Int, holdsDoubles: Bool) {
      sums = [Double](repeating: 0, count: width)
      values = [Float](repeating: 0, count: holdsDoubles ? 0 : width)
      doubles = [Double](repeating: 0, count: holdsDoubles ? width : 0)
      averages = [Float](repeating: 0, count: width)
    }
  }

  /// - Throws: `FileError`: `wrongData` for a NaN or infinity, and what reading and writing throw.
  func run(memory: Int, progress: ProgressBar) throws {
    let holdsDoubles = input.holdsDoubles
    let width = input.blockWidth(
      memory: memory, threads: Parallelism.threadCount, bytesPerColumn: holdsDoubles ? 24 : 16)
    try forEachColumnBlock(count: input.layout.count, width: width) {
      Block(width: width, holdsDoubles: holdsDoubles)
    } _: { columns, block in
      if columns.count != block.sums.count {
        block = Block(width: columns.count, holdsDoubles: holdsDoubles)
      }
      try average(columns, &block.sums, &block.values, &block.doubles, &block.averages)
      progress.advance(by: columns.count)
    }
  }

  private func average(
    _ columns: Range<Int>, _ sums: inout [Double], _ values: inout [Float],
    _ doubles: inout [Double], _ averages: inout [Float]
  ) throws {
    var sums = sums.mutableSpan
    var values = values.mutableSpan
    var doubles = doubles.mutableSpan
    var averages = averages.mutableSpan
    sums.update(repeating: 0)
    for (t, step) in steps.enumerated() {
      if doubles.isEmpty {
        try input.readColumns(columns, of: t, into: &values)
        sums.accumulate(values.span, decay: step.decay, weight: step.weight)
      } else {
        try input.readColumns(columns, of: t, into: &doubles)
        sums.accumulate(doubles.span, decay: step.decay, weight: step.weight)
      }
      guard running || t == steps.count - 1 else { continue }
      switch output {
      case .trajectory(let file):
        averages.setQuotients(of: sums.span, by: step.divisor)
        guard averages.span.isFinite else {
          throw try input.firstNonFinite(in: columns) ?? overflow(in: columns)
        }
        try file.writeColumns(columns, of: running ? t : 0, from: averages.span)
      case .stateDict(let file):
        sums.divide(by: step.divisor)
        guard sums.span.isFinite else {
          throw try input.firstNonFinite(in: columns) ?? overflow(in: columns)
        }
        try file.writeColumns(columns, from: sums.span)
      }
    }
  }

  private func overflow(in columns: Range<Int>) -> FileError {
    FileError(
      .wrongData, file: input.readers[0].name,
      object: "weights/\(input.layout.slot(containing: columns.lowerBound).name)",
      "the average is too large for float32 here or soon after")
  }
}
