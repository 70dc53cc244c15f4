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
  init(_ operands: [String], line: Bool, tensors: TensorRules) throws {
    points = try SnapshotSequence(
      operands, selection: SnapshotSelection(last: line ? 1 : nil, tensors: tensors))
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

  /// Writes the control points as the components of an affine trajectory.
  ///
  /// - Throws: `FileError`: `wrongData` for a NaN or infinity, and for a line between equal weights.
  func copyPoints(to result: AffineWriter, memory: Int, progress: ProgressBar) throws {
    let areEqual = try result.copyComponents(of: points, memory: memory) {
      progress.advance(by: $0)
    }
    if isLine, let k = areEqual.firstIndex(of: true) {
      throw FileError(
        .wrongData, file: points.name(of: k + 1),
        "has the same weights as \(points.name(of: k)); nothing lies between them")
    }
  }
}
