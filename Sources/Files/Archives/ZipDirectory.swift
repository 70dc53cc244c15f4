/// The members of a zip archive, as its central directory names them; archives over 4 GiB (zip64)
/// too.
public struct ZipDirectory: Sendable {
  public struct Member: Sendable {
    public let name: String
    public let isDeflated: Bool
    public let checksum: UInt32
    /// Bytes in the archive, and bytes unpacked.
    public let packedSize: Int
    public let size: Int
    /// Where the packed bytes begin.
    public let address: Int
  }

  public let members: [Member]

  /// - Throws: `FileError` of kind `wrongData` for an archive that is cut off, damaged, encrypted or
  ///   packed in a way other than deflate.
  public init(_ file: PlainFile) throws {
    let (range, count) = try Self.directory(file)
    let record = ByteRecord(try file.bytes(range))
    var members: [Member] = []
    var names: Set<[UInt8]> = []
    var position = 0
    for _ in 0..<count {
      guard position + 46 <= range.count, record.number(position, 4) == 0x0201_4b50 else {
        throw Self.damaged(file)
      }
      let lengths = [28, 30, 32].map { record.number(position + $0, 2) }
      let end = position + 46 + lengths.reduce(0, +)
      guard end <= range.count else { throw Self.damaged(file) }
      let name = record.bytes[(position + 46)..<(position + 46 + lengths[0])]
      guard let name = String(validating: name, as: UTF8.self), isOneLine(name) else {
        throw file.problem("a member's name is not UTF-8, or holds a control character")
      }
      guard names.insert(Array(name.utf8)).inserted else {
        throw file.problem("two members have that name", object: name)
      }
      members.append(try Self.member(name, record, at: position, extra: lengths[1], file))
      position = end
    }
    self.members = members
  }

  private static func member(
    _ name: String, _ record: ByteRecord, at position: Int, extra: Int, _ file: PlainFile
  ) throws -> Member {
    guard record.number(position + 8, 2) & 1 == 0 else {
      throw file.problem("is encrypted", object: name)
    }
    let method = record.number(position + 10, 2)
    guard method == 0 || method == 8 else {
      throw file.problem("is packed by method \(method), not deflate", object: name)
    }
    // Size, packed size and place have eight bytes elsewhere if four are too few.
    var numbers = [24, 20, 42].map { record.number(position + $0, 4) }
    var field = position + 46 + record.number(position + 28, 2)
    let end = field + extra
    while field + 4 <= end {
      let length = record.number(field + 2, 2)
      if record.number(field, 2) == 1 {
        var place = field + 4
        for i in numbers.indices where numbers[i] == 0xffff_ffff {
          guard place + 8 <= min(end, field + 4 + length) else { throw damaged(file) }
          numbers[i] = record.number(place, 8)
          place += 8
        }
      }
      field += 4 + length
    }
    let start = numbers[2]
    guard start <= file.size - 30, start >= 0 else { throw damaged(file) }
    let local = ByteRecord(try file.bytes(start..<(start + 30)))
    guard local.number(0, 4) == 0x0403_4b50 else { throw damaged(file) }
    let address = start + 30 + local.number(26, 2) + local.number(28, 2)
    guard numbers[1] >= 0, numbers[0] >= 0, address <= file.size,
      numbers[1] <= file.size - address, method == 8 || numbers[0] == numbers[1]
    else { throw file.problem("lies beyond the end of the file; cut off?", object: name) }
    return Member(
      name: name, isDeflated: method == 8, checksum: UInt32(record.number(position + 16, 4)),
      packedSize: numbers[1], size: numbers[0], address: address)
  }

  /// Where the central directory lies, and how many members it names.
  private static func directory(_ file: PlainFile) throws -> (Range<Int>, count: Int) {
    // The end record stands last, before a comment of at most 65535 bytes.
    let start = max(0, file.size - 22 - 65_535)
    let tail = ByteRecord(try file.bytes(start..<file.size))
    var position = tail.bytes.count - 22
    while position >= 0 {
      if tail.number(position, 4) == 0x0605_4b50,
        tail.number(position + 20, 2) == tail.bytes.count - position - 22
      {
        break
      }
      position -= 1
    }
    guard position >= 0 else {
      throw file.problem("a zip archive without its end: cut off, copy or make it again")
    }
    var count = tail.number(position + 10, 2)
    var size = tail.number(position + 12, 4)
    var place = tail.number(position + 16, 4)
    if count == 0xffff || size == 0xffff_ffff || place == 0xffff_ffff, position >= 20,
      tail.number(position - 20, 4) == 0x0706_4b50
    {
      let address = tail.number(position - 12, 8)
      guard address >= 0, address <= file.size - 56 else { throw damaged(file) }
      let record = ByteRecord(try file.bytes(address..<(address + 56)))
      guard record.number(0, 4) == 0x0606_4b50 else { throw damaged(file) }
      (count, size, place) = (record.number(32, 8), record.number(40, 8), record.number(48, 8))
    }
    guard place >= 0, size >= 0, place <= file.size, size <= file.size - place, count >= 0,
      count <= size / 46
    else { throw damaged(file) }
    return (place..<(place + size), count)
  }

  private static func damaged(_ file: PlainFile) -> FileError {
    file.problem("a damaged zip archive")
  }
}

/// Bytes with little-endian numbers in them.
public struct ByteRecord: Sendable {
  public let bytes: [UInt8]

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The number in `size` bytes from `position`; negative where eight bytes hold more than an Int.
  public func number(_ position: Int, _ size: Int) -> Int {
    var value: UInt64 = 0
    for i in (0..<size).reversed() { value = value << 8 | UInt64(bytes[position + i]) }
    return Int(truncatingIfNeeded: value)
  }
}
