import Files
import HDF5

/// A tensor that is no weight, such as integers, truth values and counters, and is only copied: from a
/// plain file, or a dataset of HDF5.
public struct CarriedTensor: @unchecked Sendable {
  // Sendable: the library is called under its lock.

  private enum Source {
    case plain(PlainTensor)
    case stored(HDF5Dataset)
  }

  public let name: String
  public let shape: [Int]
  public let type: NumberType
  private let source: Source

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  init(_ tensor: PlainTensor) {
    self.init(name: tensor.name, shape: tensor.shape, type: tensor.type, source: .plain(tensor))
  }

  /// Nil for a dataset of texts and the like.
  ///
  /// - Throws: `FileError` of kind `wrongData` for one that the file does not store as large as it says
  ///   it is.
  init?(_ dataset: HDF5Dataset, name: String) throws {
    guard let type = try dataset.byteType().flatMap(NumberType.init) else { return nil }
    try dataset.checkStored()
    dataset.rest()
    self.init(name: name, shape: dataset.shape, type: type, source: .stored(dataset))
  }

  private init(name: String, shape: [Int], type: NumberType, source: Source) {
    self.name = name
    self.shape = shape
    self.type = type
    self.source = source
  }

  func renamed(_ name: String) -> CarriedTensor {
    CarriedTensor(name: name, shape: shape, type: type, source: source)
  }

  /// The bytes of some elements, little-endian and row-major.
  public func bytes(_ elements: Range<Int>) throws -> [UInt8] {
    switch source {
    case .plain(let tensor): return try tensor.bytes(elements)
    case .stored(let dataset):
      return try HDF5Library.withLock {
        let blocks = rectangles(of: elements, in: shape)
        guard blocks.count != 1 else {
          return try dataset.readBytes(start: blocks[0].start, count: blocks[0].count)
        }
        return try blocks.flatMap { try dataset.readBytes(start: $0.start, count: $0.count) }
      }
    }
  }

  /// Bytes at a time: few calls, and little memory beside that of a block of weights.
  private static let partLength = 1 << 18

  /// Calls `body` with the bytes of all elements, in order; `place` is where in the tensor they are.
  func forEachPart(_ body: (_ bytes: [UInt8], _ place: Range<Int>) throws -> Void) throws {
    let length = Self.partLength / type.size
    for start in stride(from: 0, to: count, by: length) {
      let place = start..<min(start + length, count)
      try body(bytes(place), place)
    }
    if case .stored(let dataset) = source { dataset.rest() }
  }

  /// Whether another tensor has the same type, shape and numbers, to the bit.
  func isSame(as other: CarriedTensor) throws -> Bool {
    guard type == other.type, shape == other.shape else { return false }
    var isSame = true
    try forEachPart { bytes, place in
      if isSame { isSame = try other.bytes(place) == bytes }
    }
    return isSame
  }

  /// The error for something wrong with the tensor.
  func problem(_ problem: String) -> FileError {
    switch source {
    case .plain(let tensor): tensor.problem(problem)
    case .stored(let dataset): dataset.problem(problem)
    }
  }
}
