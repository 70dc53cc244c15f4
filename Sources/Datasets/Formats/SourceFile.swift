import CZlib
import Files
import Glibc

/// The bytes of a file that data sets are made from, unpacked where it is gzipped.
struct SourceFile {
  /// The name for messages.
  let name: String
  let bytes: [UInt8]

  /// Reads a whole file, a pipe, or standard input for "-".
  ///
  /// - Throws: `FileError`: `missingInput` for what cannot be opened, `wrongData` for a directory, an
  ///   empty file, and damaged or cut-off gzip data.
  init(_ path: String) throws {
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
    do {
      bytes = try unsafe Self.readAll(handle, name: name, sizeOnDisk: Int(status.st_size))
    } catch {
      unsafe gzclose_r(handle)
      throw error
    }
    // A stream that ends before its trailer is only reported here.
    if unsafe gzclose_r(handle) == Z_BUF_ERROR {
      throw FileError(.wrongData, file: name, "the gzip data is cut off")
    }
    if bytes.isEmpty { throw FileError(.wrongData, file: name, "is empty") }
  }

  private static func readAll(_ handle: gzFile, name: String, sizeOnDisk: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(sizeOnDisk)
    var block = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = unsafe block.withUnsafeMutableBytes {
        unsafe gzread(handle, $0.baseAddress, UInt32($0.count))
      }
      if count == 0 { return bytes }
      if count < 0 {
        var code: Int32 = 0
        let words = unsafe String(cString: gzerror(handle, &code))
        throw code == Z_ERRNO
          ? FileError(.inputOutput, file: name, systemClause(errno))
          : FileError(.wrongData, file: name, "the gzip data is damaged (\(words))")
      }
      bytes.append(contentsOf: block[..<Int(count)])
    }
  }

  /// The error for something wrong with the file's contents.
  func problem(_ problem: String) -> FileError {
    FileError(.wrongData, file: name, problem)
  }
}
