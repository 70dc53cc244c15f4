import Files

/// One idx file: two zero bytes, a type, the number of axes, the big-endian extents, the elements.
struct IdxFile {
  enum ElementType: UInt8 {
    case byte = 0x08
    case signedByte = 0x09
    case short = 0x0B
    case int = 0x0C
    case float = 0x0D
    case double = 0x0E

    var size: Int {
      switch self {
      case .byte, .signedByte: 1
      case .short: 2
      case .int, .float: 4
      case .double: 8
      }
    }
  }

  let source: SourceFile
  let type: ElementType
  let shape: [Int]
  private let start: Int

  /// - Parameter examples: how many there are to be; of a file with others no more than the shape is read.
  init(_ path: String, examples: Int? = nil) throws {
    source = try SourceFile(
      path,
      .promised { bytes in
        guard let head = Self.head(bytes) else { return nil }
        return head.start + (head.shape[0] == examples ?? head.shape[0] ? head.size : 0)
      })
    let bytes = source.bytes
    guard let head = Self.head(bytes) else {
      throw source.problem("is not an idx file" + source.kindOfContent)
    }
    (type, shape, start) = (head.type, head.shape, head.start)
    guard head.size > 0 else { throw source.problem("shape \(shape) holds nothing") }
    guard bytes.count - start == head.size || examples ?? shape[0] != shape[0] else {
      let isShort = bytes.count - start < head.size
      throw source.problem(
        "\(isShort ? "is cut off" : "has more than its header says"): "
          + "\(source.isWhole ? "" : "at least ")\(bytes.count - start) bytes for shape \(shape)")
    }
  }

  /// What the first bytes say: the elements' type, the shape, where the elements begin and the bytes they
  /// take; nil where these are not of an idx file.
  private static func head(
    _ bytes: [UInt8]
  ) -> (type: ElementType, shape: [Int], start: Int, size: Int)? {
    guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0,
      let type = ElementType(rawValue: bytes[2]), bytes[3] > 0,
      bytes.count >= 4 + 4 * Int(bytes[3])
    else { return nil }
    let shape = (0..<Int(bytes[3])).map { Int(word(bytes, at: 4 + 4 * $0)) }
    guard let size = Extents.product(shape, times: type.size), size < .max - 2000 else {
      return nil
    }
    return (type, shape, 4 + 4 * shape.count, size)
  }

  private static func word(_ bytes: [UInt8], at offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[offset + $1]) }
  }

  /// The elements' bytes as stored.
  var elements: ArraySlice<UInt8> { source.bytes[start...] }

  private var count: Int { shape.reduce(1, *) }

  var floats: [Float] {
    let bytes = source.bytes
    return (0..<count).map { i in
      let offset = start + i * type.size
      switch type {
      case .byte: return Float(bytes[offset])
      case .signedByte: return Float(Int8(bitPattern: bytes[offset]))
      case .short:
        let bits = UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
        return Float(Int16(bitPattern: bits))
      case .int: return Float(Int32(bitPattern: Self.word(bytes, at: offset)))
      case .float: return Float(bitPattern: Self.word(bytes, at: offset))
      case .double:
        let high = UInt64(Self.word(bytes, at: offset))
        return Float(Double(bitPattern: high << 32 | UInt64(Self.word(bytes, at: offset + 4))))
      }
    }
  }

  /// - Throws: `FileError` for what is not finite.
  func finiteFloats() throws -> [Float] {
    let floats = floats
    if let i = firstNonFinite(floats.span) {
      throw problem("image \(i / (count / shape[0])): \(floats[i]) is not a finite number")
    }
    return floats
  }

  /// The elements as class numbers.
  func classes() throws -> [Int32] {
    if type == .byte { return elements.map { Int32($0) } }
    return try floats.enumerated().map { i, value in
      guard value >= 0, value < 65536, value == value.rounded() else {
        throw source.problem("label \(i): \(value) is not a class number")
      }
      return Int32(value)
    }
  }

  func problem(_ problem: String) -> FileError { source.problem(problem) }
}
