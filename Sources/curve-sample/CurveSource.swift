import Files
import Posteriors
import ToolSupport
import TrajectoryFiles
import WeightSpace

/// A curve in files: its shape, and its control points as a sequence of snapshots.
struct CurveSource {
  let curve: WeightCurve
  let points: SnapshotSequence
  private let isLine: Bool

  /// - Throws: `FileError`, such as `wrongData` for a file that holds no curve, for a curve without
  ///   length, and for the first tensor by which two files differ.
  init(_ operands: [String], line: Bool) throws {
    points = try SnapshotSequence(
      operands, selection: line ? SnapshotSelection(last: 1) : .all)
    isLine = line
    let reader = points.readers[0]
    if line {
      curve = WeightCurve(.polychain, pointCount: points.count)
      return
    }
    guard let name = reader.curve, let shape = WeightCurve.Shape(rawValue: name)
    else {
      throw FileError(
        .wrongData, file: reader.name,
        "holds no curve of curve-fit; --line joins weight files by straight lines")
    }
    guard points.count >= 2 else {
      throw FileError(.wrongData, file: reader.name, "one control point is no curve")
    }
    curve = WeightCurve(shape, pointCount: points.count)
  }

  /// Writes the control points as the components of an affine trajectory whose shift is −0, which
  /// added to a weight leaves its bits as they are.
  ///
  /// Cost: one pass over the points; 4 bytes × block width for each thread.
  ///
  /// - Throws: `FileError`: `wrongData` for a NaN or infinity, and for a line between equal weights.
  func copyPoints(to result: TensorFileWriter, memory: Int, progress: ProgressBar) throws {
    let width = points.blockWidth(
      memory: memory, threads: Parallelism.threadCount, bytesPerColumn: 8)
    let areEqual = try reduceColumnBlocks(
      count: points.layout.count, width: width,
      into: [Bool](repeating: true, count: points.count - 1)
    ) {
      [[Float](repeating: 0, count: width), [Float](repeating: 0, count: width)]
    } _: { columns, rows in
      if columns.count != rows[0].count {
        rows = [[Float]](repeating: [Float](repeating: 0, count: columns.count), count: 2)
      }
      defer { progress.advance(by: columns.count) }
      return try copy(columns, &rows, to: result)
    } fold: { total, part in
      for k in total.indices where !part[k] { total[k] = false }
    }
    if isLine, let k = areEqual.firstIndex(of: true) {
      throw FileError(
        .wrongData, file: points.name(of: k + 1),
        "has the same weights as \(points.name(of: k)); nothing lies between them")
    }
  }

  /// Whether each point's block equals the one before.
  private func copy(
    _ columns: Range<Int>, _ rows: inout [[Float]], to result: TensorFileWriter
  ) throws -> [Bool] {
    var areEqual: [Bool] = []
    var (row, before) = (rows[0], rows[1])
    rows = []
    defer { rows = [row, before] }
    for k in 0..<points.count {
      swap(&row, &before)
      var span = row.mutableSpan
      try points.readColumns(columns, of: k, into: &span)
      guard span.span.isFinite else { throw try points.nonFiniteError(in: columns) }
      try result.writeColumns(columns, of: "components", row: k, from: span.span)
      if k > 0 { areEqual.append(before.span.squaredDistance(to: span.span) == 0) }
    }
    var shift = before.mutableSpan
    shift.update(repeating: -0.0)
    try result.writeColumns(columns, of: "shift", from: shift.span)
    return areEqual
  }
}
