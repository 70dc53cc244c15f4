import ToolSupport
import TrajectoryFiles
import WeightSpace

/// Where weights are in a plane: a row for each snapshot with its nearest point and its distance
/// from it.
struct ProjectionTable {
  private let plane: any WeightPlane
  private var report: Report

  init(_ plane: any WeightPlane, json: Bool) {
    self.plane = plane
    report = Report(
      columns: ["file", "index"] + (plane.axes == 1 ? ["x"] : ["x", "y"]) + ["distance"],
      json: json)
  }

  /// Adds the snapshots of a file, arranged like the plane's weights. One pass over the plane's rows
  /// for each.
  mutating func add(_ reader: TrajectoryReader, memory: Int, quiet: Bool) throws {
    let progress = ProgressBar(
      "projecting", total: reader.snapshotCount, unit: "snapshots", quiet: quiet)
    for i in 0..<reader.snapshotCount {
      let sums = try Self.sums(plane, reader, i, memory)
      progress.update(i + 1)
      progress.clear()
      let place = plane.projection(sums) ?? (.nan, .nan, .nan)
      let coordinates = plane.axes == 1 ? [place.x] : [place.x, place.y]
      try report.add(
        [.text(reader.name), .integer(reader.indices[i])]
          + (coordinates + [place.distance]).map { .number($0) })
    }
  }

  mutating func finish() throws { try report.finish() }

  private static func sums(
    _ plane: some WeightPlane, _ reader: TrajectoryReader, _ i: Int, _ memory: Int
  ) throws -> [Double] {
    let rowCount = plane.rowCount
    return try sumColumnBlocks(
      count: plane.base.layout.count,
      width: blockWidth(of: plane.base, rows: rowCount + 1, memory: memory),
      terms: plane.termCount
    ) {
      emptyRows(rowCount + 1)
    } load: { columns, rows in
      try plane.load(columns, into: &rows)
      resize(&rows[rowCount], columns.count)
      var span = rows[rowCount].mutableSpan
      try reader.readColumns(columns, of: i, into: &span)
      guard span.span.isFinite else { throw try reader.nonFiniteError(in: columns) }
    } leaf: { leaf, rows, terms in
      let weights = rows[rowCount]
      plane.appendTerms(of: weights.span.extracting(leaf), leaf: leaf, rows: rows, to: &terms)
    }
  }
}
