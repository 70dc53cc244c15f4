import Files

/// The bytes of a pickle in a file, read once from its beginning, a buffer at a time.
struct PickleBytes {
  let file: PlainFile
  /// Where the next byte is.
  private(set) var position: Int
  /// Where the pickle, or what holds it, ends.
  let end: Int
  private var buffer: [UInt8] = []
  private var start: Int

  private static let bufferLength = 1 << 16

  /// - Parameter range: within the file.
  init(_ file: PlainFile, in range: Range<Int>) {
    self.file = file
    position = range.lowerBound
    start = range.lowerBound
    end = range.upperBound
  }

  var left: Int { end - position }

  mutating func byte() throws -> UInt8 {
    if position - start >= buffer.count {
      guard left > 0 else { throw problem("ends too soon; cut off?") }
      buffer = try file.bytes(position..<min(position + Self.bufferLength, end))
      start = position
    }
    defer { position += 1 }
    return buffer[position - start]
  }

  mutating func bytes(_ count: Int) throws -> [UInt8] {
    guard count >= 0, count <= left else {
      throw problem("claims \(count) bytes more, but there are only \(left); cut off?")
    }
    if count > Self.bufferLength {
      defer { position += count }
      return try file.bytes(position..<(position + count))
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    for _ in 0..<count { bytes.append(try byte()) }
    return bytes
  }

  mutating func skip(_ count: Int) throws {
    guard count >= 0, count <= left else {
      throw problem("claims \(count) bytes more, but there are only \(left); cut off?")
    }
    position += count
    // The buffer may lie behind now, or before.
    if position - start > buffer.count {
      buffer = []
      start = position
    }
  }

  /// A little-endian number of at most eight bytes; none that is larger than an Int, which no file holds
  /// so many bytes of.
  mutating func number(_ size: Int) throws -> Int {
    var value: UInt64 = 0
    for i in 0..<size { value |= UInt64(try byte()) << UInt64(8 * i) }
    guard let number = Int(exactly: value) else { throw problem("claims \(value) bytes or items") }
    return number
  }

  /// The bytes before the next line feed.
  mutating func line() throws -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let next = try byte()
      if next == UInt8(ascii: "\n") { return bytes }
      bytes.append(next)
      guard bytes.count <= 1024 else { throw problem("a name in it is too long") }
    }
  }

  /// The error for something wrong here.
  func problem(_ words: String) -> FileError {
    file.problem("damaged pickle: \(words) (at byte \(position))")
  }
}
