import Calibration
import HDF5
import TrajectoryFiles

/// What was measured of one file.
enum Evaluation {
  case classification(ClassificationReport)
  case regression(RegressionReport)
}

/// Rows are read in blocks of about this many numbers, whatever the size of the file.
private let numbersPerBlock = 1 << 18

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
  func evaluate(with meter: (_ classCount: Int) -> ClassificationMeter) throws -> Evaluation {
    switch kind {
    case .classification(let classCount):
      let pair = ObjectPair(
        probabilities: try file.dataset("probabilities"), targets: try file.dataset("targets"))
      precondition(classCount > 0)
      return .classification(try pair.evaluate(logits: false, with: meter))
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

/// Probabilities [N, C] and classes [N] or [N, 1], wherever they are.
struct ObjectPair {
  let probabilities: HDF5Dataset
  let targets: HDF5Dataset

  init(probabilities: HDF5Dataset, targets: HDF5Dataset) {
    self.probabilities = probabilities
    self.targets = targets
  }

  /// Opens two operands of the form `file:/path`.
  init(probabilities: String, targets: String) throws {
    let (first, path) = try Self.split(probabilities)
    let (second, otherPath) = try Self.split(targets)
    let file = try HDF5File.open(operand: first)
    let other = first == second ? file : try HDF5File.open(operand: second)
    self.init(
      probabilities: try file.dataset(path), targets: try other.dataset(otherPath))
  }

  private static func split(_ operand: String) throws -> (file: String, path: String) {
    guard let colon = operand.lastIndex(of: ":"), colon != operand.startIndex else {
      throw FileError(.missingInput, file: operand, "names no object: write FILE:/PATH")
    }
    return (String(operand[..<colon]), String(operand[operand.index(after: colon)...]))
  }

  /// Measures all rows in one pass.
  func evaluate(
    logits: Bool, with meter: (_ classCount: Int) -> ClassificationMeter
  ) throws -> ClassificationReport {
    let shape = probabilities.shape
    guard shape.count == 2, shape[1] > 0, probabilities.type?.isFloatingPoint == true else {
      throw probabilities.problem("should hold floating-point numbers [N, C]")
    }
    guard targets.shape == [shape[0]] || targets.shape == [shape[0], 1] else {
      throw targets.problem(
        "shape \(targets.shape), but \(probabilities.path) has \(shape[0]) rows")
    }
    var meter = meter(shape[1])
    let inDouble = logits || probabilities.type == .float64
    var floats = [Float](repeating: 0, count: inDouble ? 0 : blockLength(of: shape))
    var doubles = [Double](repeating: 0, count: inDouble ? blockLength(of: shape) : 0)
    do {
      try forEachBlock(of: shape[0], width: shape[1]) { rows in
        let classes = try readClasses(rows)
        if inDouble {
          try probabilities.fill(&doubles, rows: rows, width: shape[1])
          if logits {
            var span = doubles.mutableSpan
            try softmax(&span, classCount: shape[1], firstRow: rows.lowerBound)
          }
          try meter.add(probabilities: doubles.span, classes: classes.span)
        } else {
          try probabilities.fill(&floats, rows: rows, width: shape[1])
          try meter.add(probabilities: floats.span, classes: classes.span)
        }
      }
    } catch let error as InvalidRow {
      throw probabilities.problem("\(error)")
    }
    guard let report = meter.report() else { throw probabilities.problem("has no rows") }
    return report
  }

  private func blockLength(of shape: [Int]) -> Int {
    min(max(1, numbersPerBlock / shape[1]), shape[0]) * shape[1]
  }

  /// Classes as they are stored: whole numbers, of whatever type.
  private func readClasses(_ rows: Range<Int>) throws -> [Int32] {
    let start = [rows.lowerBound] + targets.shape.dropFirst().map { _ in 0 }
    let count = [rows.count] + targets.shape.dropFirst()
    guard targets.type?.isInteger != true else {
      return try targets.read(start: start, count: count)
    }
    let numbers = try targets.read(Double.self, start: start, count: count)
    return try numbers.enumerated().map { i, number in
      guard let label = Int32(exactly: number) else {
        throw targets.problem("row \(rows.lowerBound + i): \(number) is not a class")
      }
      return label
    }
  }
}

extension HDF5Dataset {
  /// Reads rows over the elements of `block`, which becomes as long as they are.
  fileprivate func fill<Element: HDF5Element>(
    _ block: inout [Element], rows: Range<Int>, width: Int
  ) throws {
    if block.count > rows.count * width { block.removeLast(block.count - rows.count * width) }
    try unsafe block.withUnsafeMutableBufferPointer {
      try unsafe read(start: [rows.lowerBound, 0], count: [rows.count, width], into: $0)
    }
  }
}
