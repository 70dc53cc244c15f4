/// A tensor whose numbers lie in a file, little-endian: one after the other, row-major, or as its
/// strides say.
public struct PlainTensor: Sendable {
  public let name: String
  public let shape: [Int]
  public let type: NumberType
  let file: PlainFile
  /// Where the first number is.
  let address: Int
  /// From each number to the next along each axis, in numbers; nil where they lie one after the other.
  let strides: [Int]?

  /// - Parameter strides: none negative, and all that they reach within the file; nil where the numbers
  ///   lie one after the other.
  public init(
    name: String, shape: [Int], type: NumberType, file: PlainFile, address: Int,
    strides: [Int]? = nil
  ) {
    self.name = name
    self.shape = shape
    self.type = type
    self.file = file
    self.address = address
    self.strides = strides
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }
  /// The bytes that they take.
  public var byteCount: Int { count * type.size }

  public func renamed(_ name: String) -> PlainTensor {
    PlainTensor(
      name: name, shape: shape, type: type, file: file, address: address, strides: strides)
  }

  /// Bytes read at a time: few calls, and a second-level cache holds them with what is made of them.
  private static let partLength = 1 << 16
  /// A transposed matrix is read by pieces of its columns, which should not be too short.
  private static let gatheredPartLength = 1 << 18

  /// Calls `body` with the bytes of some elements, in parts that fit into a second-level cache;
  /// `place` is the part's place among these elements. The bytes are aligned for their type.
  public func forEachPart(
    of elements: Range<Int>,
    _ body: (_ bytes: UnsafeRawBufferPointer, _ place: Range<Int>) throws -> Void
  ) throws {
    let length = (strides == nil ? Self.partLength : Self.gatheredPartLength) / type.size
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(length, elements.count) * type.size, alignment: 64)
    defer { unsafe memory.deallocate() }
    for start in stride(from: 0, to: elements.count, by: length) {
      let place = start..<min(start + length, elements.count)
      let bytes = unsafe UnsafeMutableRawBufferPointer(
        rebasing: memory[..<(place.count * type.size)])
      let part = (elements.lowerBound + start)..<(elements.lowerBound + start + place.count)
      try unsafe fill(bytes, with: part)
      try unsafe body(UnsafeRawBufferPointer(bytes), place)
    }
  }

  /// Reads some elements of a tensor of floating point; float64 is rounded.
  public func read(
    _ elements: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
  ) throws {
    if type == .float32, strides == nil {
      return try unsafe fill(UnsafeMutableRawBufferPointer(target), with: elements)
    }
    try unsafe forEachPart(of: elements) { bytes, place in
      unsafe widen(bytes, type, into: UnsafeMutableBufferPointer(rebasing: target[place]))
    }
  }

  /// Reads some elements. Exact, but for integers beyond 2⁵³.
  public func read(
    _ elements: Range<Int>, into target: UnsafeMutableBufferPointer<Double>
  ) throws {
    try unsafe forEachPart(of: elements) { bytes, place in
      unsafe widen(bytes, type, into: UnsafeMutableBufferPointer(rebasing: target[place]))
    }
  }

  /// Some elements. Exact, but for integers beyond 2⁵³.
  public func read(_ elements: Range<Int>) throws -> [Double] {
    var values = [Double](repeating: 0, count: elements.count)
    try unsafe values.withUnsafeMutableBufferPointer { try unsafe read(elements, into: $0) }
    return values
  }

  /// The bytes of some elements, row-major.
  public func bytes(_ elements: Range<Int>) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: elements.count * type.size)
    try unsafe bytes.withUnsafeMutableBytes { try unsafe fill($0, with: elements) }
    return bytes
  }

  /// Fills `bytes` with some elements, row-major.
  private func fill(_ bytes: UnsafeMutableRawBufferPointer, with elements: Range<Int>) throws {
    if let strides { return try unsafe gather(elements, strides, into: bytes) }
    try unsafe file.read(
      at: address + elements.lowerBound * type.size, into: bytes, object: name)
  }

  /// The error for something wrong with the tensor.
  public func problem(_ problem: String) -> FileError { file.problem(problem, object: name) }
}
