import Posteriors
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
    let snapshots = try SnapshotSequence([reader])
    for i in 0..<reader.snapshotCount {
      let place =
        try plane.projection(of: snapshots, row: i, memory: memory) ?? (.nan, .nan, .nan)
      progress.update(i + 1)
      progress.clear()
      let coordinates = plane.axes == 1 ? [place.x] : [place.x, place.y]
      try report.add(
        [.text(reader.name), .integer(reader.indices[i])]
          + (coordinates + [place.distance]).map { .number($0) })
    }
  }

  mutating func finish() throws { try report.finish() }
}
