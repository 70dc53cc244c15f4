import Files
import HDF5

extension Dataset {
  /// Reads pairs of idx files (LeCun's format of MNIST and its relatives), each gzipped or not:
  /// images [N, H, W] or [N, C, H, W], or features [N, F]; and labels [N]. Several pairs follow one
  /// another in the data set.
  ///
  /// Bytes stay bytes, numbers of other types become Floats. Classes are named by their numbers.
  ///
  /// - Throws: `FileError` where a file is no idx file, is cut off, or where two files do not fit.
  public static func idx(_ pairs: [(images: String, labels: String)]) throws -> Dataset {
    precondition(!pairs.isEmpty, "no files")
    var shape: [Int] = []
    var bytes: [UInt8] = []
    var floats: [Float]?
    var classes: [Int32] = []
    for (number, pair) in pairs.enumerated() {
      let images = try IdxFile(pair.images)
      let labels = try IdxFile(pair.labels)
      if images.shape.count == 1 && labels.shape.count > 1 {
        throw images.problem("holds labels: give the images first, then the labels")
      }
      guard (2...4).contains(images.shape.count) else {
        throw images.problem("shape \(images.shape) is not that of images")
      }
      guard labels.shape.count == 1 else {
        throw labels.problem("shape \(labels.shape) is not that of labels")
      }
      guard labels.shape[0] == images.shape[0] else {
        throw labels.problem(
          "\(labels.shape[0]) labels, but \(pair.images) has \(images.shape[0]) images")
      }
      let own = Array(images.shape.dropFirst())
      if number == 0 {
        shape = own
        if images.type != .byte { floats = [] }
      } else if own != shape {
        throw images.problem("images of shape \(own), but those of \(pairs[0].images) are \(shape)")
      } else if (images.type == .byte) != (floats == nil) {
        throw images.problem("numbers of another type than in \(pairs[0].images)")
      }
      if floats == nil { bytes += images.elements } else { floats! += images.floats }
      classes += try labels.classes()
    }
    let largest = Int(classes.max() ?? -1)
    return Dataset(
      name: pairs[0].images, inputShape: shape.count == 2 ? [1] + shape : shape,
      inputs: floats.map { .floats($0) } ?? .bytes(bytes), targets: .classes(classes),
      classNames: largest < 0 ? [] : (0...largest).map { String($0) })
  }
}

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

  init(_ path: String) throws {
    source = try SourceFile(path)
    let bytes = source.bytes
    guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0,
      let type = ElementType(rawValue: bytes[2]), bytes[3] > 0,
      bytes.count >= 4 + 4 * Int(bytes[3])
    else { throw source.problem("is not an idx file") }
    self.type = type
    start = 4 + 4 * Int(bytes[3])
    shape = (0..<Int(bytes[3])).map { Int(Self.word(bytes, at: 4 + 4 * $0)) }
    var size = type.size
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw source.problem("is not an idx file") }
      size = product
    }
    guard size > 0 else { throw source.problem("shape \(shape) holds nothing") }
    guard bytes.count - start == size else {
      let relation = bytes.count - start < size ? "is cut off" : "has more than its header says"
      throw source.problem("\(relation): \(bytes.count - start) bytes for shape \(shape)")
    }
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
