import Calibration
import HDF5
import TrajectoryFiles

/// What was measured of one file.
enum Evaluation {
  case classification(ClassificationReport)
  case regression(RegressionReport)
}

/// Rows are read in blocks of about this many numbers, whatever the size of the file.
let numbersPerBlock = 1 << 18

/// Calls `body` with one block of rows after the other.
private func forEachBlock(
  of count: Int, width: Int, _ body: (Range<Int>) throws -> Void
) rethrows {
  let length = max(1, numbersPerBlock / width)
  for start in stride(from: 0, to: count, by: length) {
    try body(start..<min(start + length, count))
  }
}

extension PredictionsReader {
  /// Measures the file in one pass.
  ///
  /// - Throws: `FileError` for a row that is no distribution, and a file without rows.
  func evaluate(with settings: MeterSettings) throws -> Evaluation {
    switch kind {
    case .classification:
      let pair = ObjectPair(
        probabilities: try file.dataset("probabilities"), targets: try file.dataset("targets"))
      return .classification(try pair.evaluate(logits: false, with: settings))
    case .regression(let outputs):
      var meter = RegressionMeter()
      let hasVariance = has(.variance)
      let targets = try values()
      do {
        try forEachBlock(of: count, width: outputs) { rows in
          let means = try read(.mean, rows: rows).map { Double($0) }
          let variances = hasVariance ? try read(.variance, rows: rows).map { Double($0) } : []
          let range = rows.lowerBound * outputs..<rows.upperBound * outputs
          let wanted = targets[range].map { Double($0) }
          try meter.add(means: means.span, variances: variances.span, targets: wanted.span)
        }
      } catch let error as InvalidRow {
        throw FileError(
          .wrongData, file: name, "row \(error.row / outputs): \(error.problem)")
      }
      guard let report = meter.report() else {
        throw FileError(.wrongData, file: name, "holds no predictions")
      }
      return .regression(report)
    }
  }
}
