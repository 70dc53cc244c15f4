/// A safetensors file put together by hand.
struct SafetensorsBuilder {
  var header: [String] = []
  var data: [UInt8] = []

  /// Adds a tensor of these bytes.
  mutating func add(_ name: String, _ type: String, _ shape: [Int], _ bytes: [UInt8]) {
    let shape = "[" + shape.map(String.init).joined(separator: ", ") + "]"
    header.append(
      "\"\(name)\": {\"dtype\": \"\(type)\", \"shape\": \(shape), "
        + "\"data_offsets\": [\(data.count), \(data.count + bytes.count)]}")
    data += bytes
  }

  mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
    add(name, "F32", shape, littleEndian(values.map(\.bitPattern)))
  }

  var bytes: [UInt8] { Self.file("{" + header.joined(separator: ", ") + "}", data) }

  static func file(_ header: String, _ data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
    littleEndian([length ?? UInt64(header.utf8.count)]) + Array(header.utf8) + data
  }
}

func littleEndian<T: FixedWidthInteger>(_ numbers: [T]) -> [UInt8] {
  numbers.flatMap { number in
    (0..<(T.bitWidth / 8)).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}

/// A NumPy archive put together by hand.
struct NpzBuilder {
  private var members: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  /// An array with its head, as `numpy.save` writes it.
  static func array(
    _ descriptor: String, _ shape: String, _ data: [UInt8], fortran: String = "False",
    version: UInt8 = 1
  ) -> [UInt8] {
    var text = "{'descr': '\(descriptor)', 'fortran_order': \(fortran), 'shape': \(shape), }"
    while (10 + text.utf8.count) % 64 != 63 { text += " " }
    text += "\n"
    let length =
      version == 1
      ? littleEndian([UInt16(text.utf8.count)])
      : littleEndian([UInt32(text.utf8.count)])
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + Array(text.utf8) + data
  }

  /// Adds a member; deflated as blocks that are stored, which any unpacker reads.
  mutating func add(
    _ name: String, _ contents: [UInt8], deflated: Bool = false, method: UInt16? = nil,
    checksum: UInt32? = nil
  ) {
    var packed = contents
    if deflated {
      packed = []
      for start in stride(from: 0, through: contents.count, by: 60_000) {
        let part = contents[start..<min(start + 60_000, contents.count)]
        let isLast: UInt8 = start + 60_000 > contents.count ? 1 : 0
        packed += [isLast] + littleEndian([UInt16(part.count), ~UInt16(part.count)]) + part
      }
    }
    let fields =
      littleEndian([0 as UInt16, method ?? (deflated ? 8 : 0), 0, 0])
      + littleEndian([
        checksum ?? Self.checksum(contents), UInt32(packed.count), UInt32(contents.count),
      ]) + littleEndian([UInt16(name.utf8.count), 0])
    directory +=
      littleEndian([0x0201_4b50 as UInt32]) + littleEndian([20 as UInt16, 20]) + fields
      + [UInt8](repeating: 0, count: 10) + littleEndian([UInt32(members.count)]) + Array(name.utf8)
    members +=
      littleEndian([0x0403_4b50 as UInt32]) + littleEndian([20 as UInt16]) + fields
      + Array(name.utf8) + packed
    count += 1
  }

  var bytes: [UInt8] {
    members + directory + littleEndian([0x0605_4b50 as UInt32, 0])
      + littleEndian([UInt16(count), UInt16(count)])
      + littleEndian([UInt32(directory.count), UInt32(members.count)]) + [0, 0]
  }

  /// CRC-32 by its definition, bit by bit.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt32 = 0xffff_ffff
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xedb8_8320 : 0) }
    }
    return ~sum
  }
}
