import Files

/// Rows of a NumPy file (`numpy.save`): little-endian numbers in C order, format 1 to 3.
final class NpyRows: RowSource, Sendable {
  private let array: PlainTensor
  private let file: PlainFile

  /// - Throws: `FileError`: `missingInput`; `wrongData` for what is no such file, a type or order
  ///   that is not read, and a file that is too short.
  init(_ path: String) throws {
    file = try PlainFile(path)
    guard let array = try PlainTensor(npy: file, name: "", at: 0, size: file.size) else {
      throw file.problem("holds no numbers; save them as float32 or int64")
    }
    self.array = array
  }

  var shape: [Int] { array.shape }
  var isDouble: Bool { array.type != .float16 && array.type != .float32 }
  var readsOnAnyThread: Bool { true }

  func problem(_ words: String) -> FileError { file.problem(words) }

  func read(rows: Range<Int>, into target: inout MutableSpan<Double>) throws {
    try unsafe target.withUnsafeMutableBufferPointer {
      try unsafe array.read(rows.lowerBound * width..<rows.upperBound * width, into: $0)
    }
  }
}
