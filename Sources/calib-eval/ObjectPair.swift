import Calibration
import HDF5
import WeightSpace

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

  /// Measures all rows in one pass: as many blocks at a time as there are threads. The sums of the
  /// blocks are added in the order of the rows, so the result does not depend on the threads.
  func evaluate(logits: Bool, with settings: MeterSettings) throws -> ClassificationReport {
    let shape = probabilities.shape
    guard shape.count == 2, shape[1] > 0, probabilities.type?.isFloatingPoint == true else {
      throw probabilities.problem("should hold floating-point numbers [N, C]")
    }
    guard targets.shape == [shape[0]] || targets.shape == [shape[0], 1] else {
      throw targets.problem(
        "shape \(targets.shape), but \(probabilities.path) has \(shape[0]) rows")
    }
    var total = settings.meter(classCount: shape[1], firstRow: 0)
    let length = max(1, numbersPerBlock / shape[1])
    let blocks = (0..<Parallelism.threadCount).map { _ in ProbabilityBlock(logits: logits) }
    var start = 0
    while start < shape[0] {
      var filled = 0
      while filled < blocks.count && start < shape[0] {
        let rows = start..<min(start + length, shape[0])
        try blocks[filled].fill(
          from: probabilities, rows: rows, classes: try readClasses(rows),
          meter: settings.meter(classCount: shape[1], firstRow: start))
        filled += 1
        start = rows.upperBound
      }
      // Each block is one iteration's alone.
      forEachChunk(count: filled, length: 1) { blocks[$0.lowerBound].measure() }
      for block in blocks[..<filled] {
        if let error = block.error { throw probabilities.problem("\(error)") }
        total.merge(block.meter!)
      }
    }
    guard let report = total.report() else { throw probabilities.problem("has no rows") }
    return report
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
