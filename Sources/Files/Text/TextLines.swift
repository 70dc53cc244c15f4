/// The lines of a text that comes in pieces, without their ends: LF or CR LF.
///
/// A byte-order mark before UTF-8 is passed over. Memory: a piece, and the longest line.
public struct TextLines {
  /// The file's name for messages.
  public let name: String
  /// The number of the line that `next` returned last, from 1.
  public private(set) var number = 0
  private let piece: () throws -> [UInt8]
  private var bytes: [UInt8] = []
  private var position = 0
  private var isAtEnd = false

  /// A longer line is no text, or makes no sense as one.
  public static let greatestLength = 1 << 26

  public static func tooLong(in file: String) -> FileError {
    FileError(
      .wrongData, file: file,
      "has a line of more than \(greatestLength >> 20) MiB; is it a text table?")
  }

  /// - Parameter piece: the next bytes each time, none at the end.
  public init(name: String, piece: @escaping () throws -> [UInt8]) {
    self.name = name
    self.piece = piece
  }

  /// The lines of a text in memory.
  public init(name: String, _ text: [UInt8]) {
    var rest: [UInt8]? = text
    self.init(name: name) {
      defer { rest = nil }
      return rest ?? []
    }
  }

  /// The next line; nil after the last.
  ///
  /// - Throws: what `piece` throws; `FileError` of kind `wrongData` for a text in UTF-16 and a line without end.
  public mutating func next() throws -> ArraySlice<UInt8>? {
    var searched = position
    while true {
      if let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { position = end + 1 }
        return try line(position..<end)
      }
      searched = bytes.count
      if isAtEnd {
        guard position < bytes.count else { return nil }
        defer { position = bytes.count }
        return try line(position..<bytes.count)
      }
      guard bytes.count - position <= Self.greatestLength else { throw Self.tooLong(in: name) }
      let more = try piece()
      isAtEnd = more.isEmpty
      if isAtEnd { continue }
      searched -= position
      bytes = Array(bytes[position...]) + more
      position = 0
    }
  }

  /// The next line that is neither empty nor a comment, which begins with `#`.
  public mutating func nextWithContent() throws -> ArraySlice<UInt8>? {
    while let line = try next() {
      if let first = line.first(where: { $0 != 0x20 && $0 != 0x09 }), first != UInt8(ascii: "#") {
        return line
      }
    }
    return nil
  }

  private mutating func line(_ range: Range<Int>) throws -> ArraySlice<UInt8> {
    guard range.count <= Self.greatestLength else { throw Self.tooLong(in: name) }
    var line = bytes[range]
    number += 1
    if number == 1 {
      if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
      if line.starts(with: [0xFF, 0xFE]) || line.starts(with: [0xFE, 0xFF]) {
        throw FileError(.wrongData, file: name, "is text in UTF-16; save it as UTF-8")
      }
    }
    while line.last == UInt8(ascii: "\r") { line = line.dropLast() }
    return line
  }
}

extension TextLines {
  /// The lines of a file from its beginning.
  public init(_ file: PlainFile) {
    var position = 0
    self.init(name: file.name) {
      let next = min(position + (1 << 18), file.size)
      defer { position = next }
      return try file.bytes(position..<next)
    }
  }
}
