import Files
import NetworkSupport
import Prediction
import ToolSupport
import TrajectoryFiles
import WeightSpace

/// What `--summary` prints of a file instead of a row for each snapshot: of a path, such as a curve,
/// its length and for each quantity ends, extremes, means and barrier; of a plane the extremes and
/// where they are.
final class SnapshotSummary {
  enum Shape { case path, plane }

  let shape: Shape
  private let reader: TrajectoryReader
  private let measure: String
  private let weightDecay: Double?
  private var losses: [Double] = []
  private var qualities: [Double] = []
  private var path = WeightPath()

  /// - Parameters:
  ///   - measure: what goes with the loss: "error" or "rmse".
  ///   - weightDecay: λ of the loss with regulariser, if that is wanted.
  /// - Throws: `FileError` where the points of a path are not in order.
  init(_ reader: TrajectoryReader, measure: String, weightDecay: Double?) throws {
    self.reader = reader
    self.measure = measure
    self.weightDecay = weightDecay
    shape = Self.shape(of: reader)
    guard reader.curve == nil else {
      throw FileError(
        .wrongData, file: reader.name,
        "holds the control points of a curve, which are not on it; take points with curve-sample")
    }
    guard let t = reader.column("t"), shape == .path else { return }
    guard zip(t, t.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      throw FileError(
        .wrongData, file: reader.name, object: DatasetName.snapshots("t").path,
        "does not ascend, so that the snapshots are no path")
    }
  }

  static func shape(of reader: TrajectoryReader) -> Shape {
    reader.column("x") != nil && reader.column("y") != nil ? .plane : .path
  }

  /// The columns of the table.
  static func columns(of shape: Shape) -> [String] {
    switch shape {
    case .path:
      [
        "file", "quantity", "points", "start", "end", "min", "max", "max_at", "mean", "integral",
        "barrier", "length",
      ]
    case .plane:
      ["file", "quantity", "points", "min", "min_x", "min_y", "max", "max_x", "max_y", "mean"]
    }
  }

  /// Takes the weights of the next snapshot, before its result.
  func visit(_ weights: borrowing WeightVector) {
    if weightDecay != nil || shape == .path { path.visit(weights) }
  }

  /// Takes how the snapshot does.
  func add(loss: Double, quality: Double) {
    losses.append(loss)
    qualities.append(quality)
  }

  /// A row for each quantity.
  func rows() -> [[Report.Value]] {
    var quantities = [("loss", losses), (measure, qualities)]
    if let weightDecay {
      let regularized = zip(losses, path.squaredNorms).map { $0 + 0.5 * weightDecay * $1 }
      quantities.insert(("regularized_loss", regularized), at: 1)
    }
    return quantities.map { name, values in
      [.text(reader.name), .text(name), .integer(values.count)]
        + (shape == .path ? pathRow(values) : planeRow(values))
    }
  }

  private func pathRow(_ values: [Double]) -> [Report.Value] {
    let positions = reader.column("t") ?? reader.column("x")
    let summary = PathSummary(
      values, positions: positions ?? values.indices.map { Double($0) }, distances: path.distances)
    return [
      summary.start, summary.end, summary.minimum, summary.maximum, summary.maximumPosition,
      summary.mean, summary.integral, summary.barrier, path.length,
    ].map { .number($0) }
  }

  private func planeRow(_ values: [Double]) -> [Report.Value] {
    guard let x = reader.column("x"), let y = reader.column("y") else { return [] }
    let summary = PlaneSummary(values, x: x, y: y)
    let (low, high) = (summary.minimum, summary.maximum)
    return [
      low.value, low.x, low.y, high.value, high.x, high.y, summary.mean,
    ].map { .number($0) }
  }
}

extension TrajectoryReader {
  /// The numbers of that name, one for each selected snapshot; nil where the file has none.
  fileprivate func column(_ name: String) -> [Double]? {
    columns.first { $0.name == name }?.values
  }
}
