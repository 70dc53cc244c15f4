import Files
import Prediction

/// The outputs [N, C] in an npy file that a worker wrote, read by rows.
public struct WorkerOutputs {
  public let rows: Int
  public let columns: Int
  private let meaning: OutputForm.Meaning
  private let array: PlainTensor
  private let path: String

  /// How far from 1 the probabilities of a row may sum.
  static let tolerance = 1e-3

  /// - Throws: `FileError`: `wrongData` for what is no such array.
  init(_ path: String, meaning: OutputForm.Meaning) throws {
    self.path = path
    self.meaning = meaning
    guard PlainFile.exists(path) else {
      throw FileError(.wrongData, file: path, "is not there, although it answers 'ok'")
    }
    let file = try PlainFile(path)
    guard let array = try PlainTensor(npy: file, name: "array", at: 0, size: file.size),
      array.type.isFloatingPoint
    else {
      throw FileError(.wrongData, file: path, "holds no numbers of floating point")
    }
    // One value for each example may be written without its axis.
    let shape = array.shape.count == 1 && meaning == .values ? [array.shape[0], 1] : array.shape
    let isEven = meaning != .meanAndVariance || shape.count == 2 && shape[1] % 2 == 0
    guard shape.count == 2, shape[0] > 0, shape[1] > 0, isEven else {
      throw FileError(
        .wrongData, file: path,
        "shape \(array.shape), but \(meaning.rawValue) are \(Self.expected(meaning))")
    }
    (rows, columns) = (shape[0], shape[1])
    self.array = array
  }

  private static func expected(_ meaning: OutputForm.Meaning) -> String {
    switch meaning {
    case .logits, .probabilities: "[examples, classes]"
    case .values: "[examples, values]"
    case .meanAndVariance: "[examples, means and variances], as many of each"
    }
  }

  public var form: OutputForm { OutputForm(meaning, count: columns, inTargetUnits: true) }

  /// Rows that take a few megabytes.
  public var rowsAtATime: Int { max(1, (1 << 18) / columns) }

  /// Some rows.
  ///
  /// - Throws: `FileError` of kind `wrongData` for a number that is not finite, for probabilities that are
  ///   none, and for a negative variance.
  public func floats(_ range: Range<Int>) throws -> [Float] {
    let numbers = try array.read(
      (range.lowerBound * columns)..<(range.upperBound * columns)
    ).map { Float($0) }
    for start in stride(from: 0, to: numbers.count, by: columns) {
      var sum = 0.0
      for i in start..<(start + columns) {
        let value = numbers[i]
        let isVariance = meaning == .meanAndVariance && i - start >= columns / 2
        let isWrong = (isVariance || meaning == .probabilities) && value < 0
        guard value.isFinite, !isWrong else {
          throw problem("\(value)\(isVariance ? " for a variance" : "")", range, i)
        }
        sum += Double(value)
      }
      guard meaning != .probabilities || abs(sum - 1) <= Self.tolerance else {
        throw problem("probabilities that sum to \(sum.significant(6))", range, start)
      }
    }
    return numbers
  }

  private func problem(_ words: String, _ range: Range<Int>, _ i: Int) -> FileError {
    FileError(
      .wrongData, file: path,
      "\(words) in row \(range.lowerBound + i / columns)"
        + (meaning == .probabilities ? "; are they logits?" : ""))
  }
}
