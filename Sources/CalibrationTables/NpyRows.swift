import Files
import Glibc

/// Rows of a NumPy file (`numpy.save`): little-endian numbers in C order, format 1 to 3.
final class NpyRows: RowSource, @unchecked Sendable {
  // Sendable: the descriptor is only read from, at positions of the caller's.

  let shape: [Int]
  private let name: String
  private let descriptor: Int32
  private let start: Int
  private let type: NumberType

  /// How a number is stored.
  private enum NumberType: String {
    case f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1

    var size: Int { rawValue.last!.wholeNumberValue! }
  }

  /// - Throws: `FileError`: `missingInput`; `wrongData` for what is no such file, a type or order
  ///   that is not read, and a file that is too short.
  init(_ path: String) throws {
    name = path
    descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw FileError(.missingInput, file: path, errno == ENOENT ? "no such file" : "cannot open")
    }
    func wrong(_ problem: String) -> FileError { FileError(.wrongData, file: path, problem) }
    do {
      let head = try Self.bytes(descriptor, at: 0, count: 12)
      guard head.count == 12, head[0] == 0x93, head[1..<6].elementsEqual("NUMPY".utf8) else {
        throw wrong("is no .npy file of NumPy")
      }
      let isShort = head[6] == 1
      let length = (isShort ? [8, 9] : [8, 9, 10, 11]).reversed().reduce(0) {
        $0 << 8 | Int(head[$1])
      }
      start = (isShort ? 10 : 12) + length
      let words = String(
        decoding: try Self.bytes(descriptor, at: isShort ? 10 : 12, count: min(length, 1 << 20)),
        as: UTF8.self)
      guard let descr = Self.value(of: "descr", in: words), descr.count > 3,
        let shapeText = Self.value(of: "shape", in: words),
        let order = Self.value(of: "fortran_order", in: words)
      else { throw wrong("a damaged header") }
      let quoted = descr.filter { $0 != "'" && $0 != "\"" }
      guard quoted.first != ">", let type = NumberType(rawValue: String(quoted.dropFirst())) else {
        throw wrong("numbers of type \(quoted) are not read; save them as float32 or int64")
      }
      self.type = type
      shape = shapeText.split { !$0.isNumber }.compactMap { Int($0) }
      guard order != "True" || shape.count < 2 else {
        throw wrong("is in Fortran order; save numpy.ascontiguousarray of it")
      }
      var status = stat()
      guard unsafe fstat(descriptor, &status) == 0,
        Int(status.st_size) >= start + shape.reduce(type.size, *)
      else {
        throw wrong("is cut off: \(shape) numbers of \(type.size) bytes are missing their end")
      }
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// The text of a key's value in the header's dictionary.
  private static func value(of key: String, in header: String) -> String? {
    let parts = header.split(separator: "'\(key)':", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let rest = parts[1].drop { $0 == " " }
    if rest.first == "(" { return String(rest.prefix { $0 != ")" }) }
    return String(rest.prefix { $0 != "," && $0 != "}" && $0 != " " })
  }

  var isDouble: Bool { type != .f2 && type != .f4 }
  var readsOnAnyThread: Bool { true }

  func problem(_ words: String) -> FileError { FileError(.wrongData, file: name, words) }

  func read(rows: Range<Int>, into target: inout MutableSpan<Float>) throws {
    try forEachNumber(rows) { target[$0] = Float($1) }
  }

  func read(rows: Range<Int>, into target: inout MutableSpan<Double>) throws {
    try forEachNumber(rows) { target[$0] = $1 }
  }

  private func forEachNumber(_ rows: Range<Int>, _ body: (Int, Double) -> Void) throws {
    let count = rows.count * width
    let bytes = try Self.bytes(
      descriptor, at: start + rows.lowerBound * width * type.size, count: count * type.size)
    guard bytes.count == count * type.size else {
      throw FileError(.inputOutput, file: name, "the file ends too soon")
    }
    let raw = unsafe bytes.span.bytes
    for i in 0..<count {
      let at = i * type.size
      let value: Double =
        switch type {
        case .f2: Double(Float16(bitPattern: load(raw, at)))
        case .f4: Double(Float(bitPattern: load(raw, at)))
        case .f8: Double(bitPattern: load(raw, at))
        case .i1: Double(Int8(bitPattern: load(raw, at)))
        case .i2: Double(Int16(bitPattern: load(raw, at)))
        case .i4: Double(Int32(bitPattern: load(raw, at)))
        case .i8: Double(Int64(bitPattern: load(raw, at)))
        case .u1, .b1: Double(load(raw, at) as UInt8)
        case .u2: Double(load(raw, at) as UInt16)
        case .u4: Double(load(raw, at) as UInt32)
        case .u8: Double(load(raw, at) as UInt64)
        }
      body(i, value)
    }
  }

  private static func bytes(_ descriptor: Int32, at offset: Int, count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let part = unsafe bytes.withUnsafeMutableBytes {
        unsafe pread(descriptor, $0.baseAddress! + done, count - done, offset + done)
      }
      if part < 0 && errno == EINTR { continue }
      if part <= 0 { break }
      done += part
    }
    return Array(bytes[..<done])
  }
}

/// A little-endian number at a position of some bytes.
private func load<T: FixedWidthInteger & BitwiseCopyable>(_ bytes: RawSpan, _ offset: Int) -> T {
  T(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: T.self))
}
