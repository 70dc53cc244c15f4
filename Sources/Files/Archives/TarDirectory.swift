/// The files in a tar archive: ustar, with the long names of pax and GNU.
///
/// Whatever is no regular file (folders, links, devices) is passed over. Memory: one entry for each file.
public struct TarDirectory: Sendable {
  public struct Member: Sendable, Equatable {
    public let name: String
    public let size: Int
    /// Where its bytes begin.
    public let address: Int
  }

  public let members: [Member]

  private static let block = 512
  /// Of a header that extends another: names are no longer than that.
  private static let greatestExtension = 1 << 20

  /// Reads all headers, but not what is between them.
  ///
  /// - Throws: `FileError` of kind `wrongData` for an archive that is none, is damaged or cut off, and for
  ///   a name that is not UTF-8.
  public init(_ file: PlainFile) throws {
    var members: [Member] = []
    var position = 0
    var following = Extension()
    while position + Self.block <= file.size {
      let header = try file.bytes(position..<(position + Self.block))
      // Archives end with blocks of zeros, or just so.
      if header.allSatisfy({ $0 == 0 }) { break }
      guard Self.hasRightSum(header) else {
        throw file.problem(
          position == 0
            ? "is no tar archive" + file.kindOfContent
            : "is damaged: no header at byte \(position)")
      }
      let kind = header[156]
      guard let own = Self.number(header[124..<136]) else {
        throw file.problem("is damaged: a size at byte \(position) is no number")
      }
      let isExtension = [
        UInt8(ascii: "x"), UInt8(ascii: "g"), UInt8(ascii: "L"), UInt8(ascii: "K"),
      ]
      .contains(kind)
      let size = isExtension ? own : following.size ?? own
      let address = position + Self.block
      guard size <= file.size - address else {
        throw file.problem("is cut off: \(file.size) bytes, but a file ends at \(address + size)")
      }
      if isExtension {
        guard size <= Self.greatestExtension else {
          throw file.problem("is damaged: a name of \(size) bytes at byte \(position)")
        }
        let bytes = try file.bytes(address..<(address + size))
        switch kind {
        case UInt8(ascii: "x"): try following.read(pax: bytes, in: file, at: position)
        case UInt8(ascii: "L"): following.name = Array(bytes.prefix { $0 != 0 })
        default: break
        }
      } else {
        if kind == UInt8(ascii: "0") || kind == 0 || kind == UInt8(ascii: "7") {
          let bytes = following.name ?? Self.name(header)
          guard let name = String(validating: bytes, as: UTF8.self) else {
            throw file.problem("the name of a file at byte \(position) is not UTF-8")
          }
          members.append(Member(name: name, size: size, address: address))
        }
        following = Extension()
      }
      position = address + (size + Self.block - 1) / Self.block * Self.block
    }
    guard !members.isEmpty else {
      throw file.problem("is no tar archive, or one without files" + file.kindOfContent)
    }
    self.members = members
  }

  /// What a header says of the next one.
  private struct Extension {
    var name: [UInt8]?
    var size: Int?

    /// Records `LENGTH KEY=VALUE` and a line end, the length that of the whole record.
    mutating func read(pax bytes: [UInt8], in file: PlainFile, at position: Int) throws {
      var rest = bytes[...]
      while let blank = rest.firstIndex(of: 0x20) {
        let digits = String(decoding: rest[..<blank], as: UTF8.self)
        guard let length = Int(digits), length > digits.utf8.count + 1, length <= rest.count,
          let sign = rest[..<(rest.startIndex + length)].firstIndex(of: UInt8(ascii: "=")),
          sign > blank
        else { throw file.problem("is damaged: an extended header at byte \(position)") }
        let key = String(decoding: rest[(blank + 1)..<sign], as: UTF8.self)
        let value = Array(rest[(sign + 1)..<(rest.startIndex + length - 1)])
        switch key {
        case "path": name = value
        case "size":
          size = Int(String(decoding: value, as: UTF8.self)).flatMap { $0 >= 0 ? $0 : nil }
        default: break
        }
        rest = rest.dropFirst(length)
      }
    }
  }

  /// Prefix and name, where both are there.
  private static func name(_ header: [UInt8]) -> [UInt8] {
    let name = Array(header[0..<100].prefix { $0 != 0 })
    // GNU's own format keeps other things where ustar has a prefix.
    guard header[257..<263].elementsEqual([0x75, 0x73, 0x74, 0x61, 0x72, 0]) else { return name }
    let prefix = header[345..<500].prefix { $0 != 0 }
    return prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
  }

  /// The sum of all bytes, those of the sum itself as blanks.
  private static func hasRightSum(_ header: [UInt8]) -> Bool {
    guard let stated = number(header[148..<156]) else { return false }
    let sum = header.indices.reduce(0) {
      $0 + ((148..<156).contains($1) ? 0x20 : Int(header[$1]))
    }
    return sum == stated
  }

  /// Octal digits, or GNU's binary form of numbers that these cannot hold; nil for anything else.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    if let first = field.first, first == 0x80 {
      return field.dropFirst().reduce(Int?.some(0)) { value, byte in
        value.flatMap { $0 < 1 << 50 ? $0 << 8 | Int(byte) : nil }
      }
    }
    let text = String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    let digits = text.split(separator: " ")
    guard digits.count == 1 else { return nil }
    return Int(digits[0], radix: 8).flatMap { $0 >= 0 ? $0 : nil }
  }
}
