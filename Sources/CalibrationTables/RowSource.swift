import Files
import HDF5

/// A table of numbers, read by rows, wherever it is.
protocol RowSource: AnyObject {
  /// The number of rows first; a table of one column may leave the second out.
  var shape: [Int] { get }
  /// Whether the numbers have more digits than a Float.
  var isDouble: Bool { get }
  /// Whether several threads may read at once.
  var readsOnAnyThread: Bool { get }
  /// What the user should know of a table that could be read otherwise; nil where there is nothing.
  var note: String? { get }
  /// Reads whole rows, row-major.
  func read(rows: Range<Int>, into target: inout MutableSpan<Double>) throws
  /// The same, each number rounded once.
  func read(rows: Range<Int>, into target: inout MutableSpan<Float>) throws
  /// The error for something wrong with the table, which names it.
  func problem(_ words: String) -> FileError
}

extension RowSource {
  var rowCount: Int { shape.first ?? 0 }
  var width: Int { shape.dropFirst().reduce(1, *) }

  var note: String? { nil }

  func read(rows: Range<Int>, into target: inout MutableSpan<Float>) throws {
    let values = try self.rows(rows)
    for i in values.indices { target[i] = Float(values[i]) }
  }

  /// Some rows in a new array.
  func rows(_ rows: Range<Int>) throws -> [Double] {
    var values = [Double](repeating: 0, count: rows.count * width)
    var span = values.mutableSpan
    try read(rows: rows, into: &span)
    return values
  }
}

/// Rows of an HDF5 dataset. Where it is plain float32 they are read past the library by all threads.
final class HDF5Rows: RowSource, @unchecked Sendable {
  // Sendable: the library is called on one thread; `raw` may be used on any.

  let shape: [Int]
  private let dataset: HDF5Dataset
  private let raw: RawRows?

  /// - Parameter members: whether the first axis counts tables [N, …], whose rows follow each other.
  init(_ dataset: HDF5Dataset, members: Bool = false) throws {
    self.dataset = dataset
    shape =
      members && dataset.shape.count > 1
      ? [dataset.shape[0] * dataset.shape[1]] + dataset.shape.dropFirst(2) : dataset.shape
    raw = dataset.shape.isEmpty ? nil : try dataset.rawRows([0], hasRows: false)
  }

  var isDouble: Bool { dataset.type != .float16 && dataset.type != .bfloat16 && !isFloat }
  private var isFloat: Bool { dataset.type == .float32 }
  var readsOnAnyThread: Bool { raw != nil }

  func problem(_ words: String) -> FileError { dataset.problem(words) }

  func read(rows: Range<Int>, into target: inout MutableSpan<Float>) throws {
    if let raw {
      let elements = rows.lowerBound * width..<rows.upperBound * width
      try unsafe target.withUnsafeMutableBufferPointer {
        try unsafe raw.read(row: 0, elements: elements, into: $0)
      }
    } else {
      try transfer(rows, into: &target)
    }
  }

  func read(rows: Range<Int>, into target: inout MutableSpan<Double>) throws {
    guard raw != nil else { return try transfer(rows, into: &target) }
    var floats = [Float](repeating: 0, count: target.count)
    var span = floats.mutableSpan
    try read(rows: rows, into: &span)
    for i in 0..<target.count { target[i] = Double(floats[i]) }
  }

  private func transfer<Element: HDF5Element>(
    _ rows: Range<Int>, into target: inout MutableSpan<Element>
  ) throws {
    var start = [rows.lowerBound] + Array(repeating: 0, count: shape.count - 1)
    var count = [rows.count] + shape.dropFirst()
    if dataset.shape.count > shape.count {
      // Rows of one member.
      let perMember = dataset.shape[1]
      start = [start[0] / perMember, start[0] % perMember] + start.dropFirst()
      count = [1] + count
    }
    try unsafe target.withUnsafeMutableBufferPointer {
      try unsafe dataset.read(start: start, count: count, into: $0)
    }
  }
}
