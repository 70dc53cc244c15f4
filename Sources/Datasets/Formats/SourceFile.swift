import CZlib
import Files
import Glibc

/// The bytes of a file that data sets are made from, unpacked where it is gzipped.
struct SourceFile {
  /// How much of a file is read.
  enum Extent {
    /// All of it.
    case whole
    /// Not much beyond what its first bytes promise; all of it where they promise nothing.
    case promised((_ head: [UInt8]) -> Int?)
    /// All of it, unless it is no text: lines have an end.
    case text
    /// All of it, unless so many times its packed size comes out of it.
    case atMost(ratio: Int)
  }

  /// The name for messages.
  let name: String
  let bytes: [UInt8]
  /// Whether that is all that is in the file.
  let isWhole: Bool

  /// Reads a file, a pipe, or standard input for "-".
  ///
  /// - Throws: `FileError`: `missingInput` for what cannot be opened, `wrongData` for a directory, an
  ///   empty file, and damaged or cut-off gzip data.
  init(_ path: String, _ extent: Extent = .whole) throws {
    let name = path == "-" ? "standard input" : path
    let descriptor = path == "-" ? dup(0) : unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw FileError(.missingInput, file: name, systemClause(errno))
    }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
      close(descriptor)
      throw FileError(.wrongData, file: name, "is a directory")
    }
    // The handle owns the descriptor from here on.
    guard let handle = unsafe gzdopen(descriptor, "rb") else {
      close(descriptor)
      throw FileError(.inputOutput, file: name, "out of memory")
    }
    unsafe gzbuffer(handle, 1 << 18)
    self.name = name
    var isWhole = false
    do {
      bytes = try unsafe Self.read(
        handle, extent, name: name, sizeOnDisk: Int(status.st_size), &isWhole)
      self.isWhole = isWhole
    } catch {
      unsafe gzclose_r(handle)
      throw error
    }
    // A stream that ends before its trailer is only reported here.
    if unsafe gzclose_r(handle) == Z_BUF_ERROR, isWhole {
      throw FileError(.wrongData, file: name, "the gzip data is cut off")
    }
    if bytes.isEmpty { throw FileError(.wrongData, file: name, "is empty") }
  }

  private static func read(
    _ handle: gzFile, _ extent: Extent, name: String, sizeOnDisk: Int, _ isWhole: inout Bool
  ) throws -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(sizeOnDisk)
    var block = [UInt8](repeating: 0, count: 1 << 20)
    var promised: Int?
    var lineLength = 0
    while true {
      let count = unsafe block.withUnsafeMutableBytes {
        unsafe gzread(handle, $0.baseAddress, UInt32($0.count))
      }
      if count == 0 {
        isWhole = true
        return bytes
      }
      if count < 0 {
        var code: Int32 = 0
        let words = unsafe String(cString: gzerror(handle, &code))
        throw code == Z_ERRNO
          ? FileError(.inputOutput, file: name, systemClause(errno))
          : FileError(.wrongData, file: name, "the gzip data is damaged (\(words))")
      }
      let isFirst = bytes.isEmpty
      bytes.append(contentsOf: block[..<Int(count)])
      switch extent {
      case .whole: break
      case .text:
        let end = block[..<Int(count)].lastIndex(of: UInt8(ascii: "\n"))
        lineLength = end.map { Int(count) - $0 } ?? lineLength + Int(count)
        guard lineLength <= TextLines.greatestLength else { throw TextLines.tooLong(in: name) }
      case .promised(let size):
        if isFirst { promised = size(bytes) }
        if let promised, bytes.count > promised {
          isWhole = count < block.count
          return bytes
        }
      case .atMost(let ratio):
        let packed = unsafe Int(gzoffset(handle))
        guard bytes.count <= max(1 << 22, ratio * packed) else {
          throw FileError(
            .wrongData, file: name,
            "unpacks to more than \(ratio) times its size, which no images do; damaged?")
        }
      }
    }
  }

  /// The error for something wrong with the file's contents.
  func problem(_ problem: String) -> FileError {
    FileError(.wrongData, file: name, problem)
  }

  /// What the file is instead of what was expected, as ` (words)`; empty where it does not say.
  var kindOfContent: String {
    Files.kindOfContent(Array(bytes.prefix(contentKindLength))).map { " (\($0))" } ?? ""
  }
}
