import Glibc
import HDF5

/// A file that is read at addresses, by any thread. Owns its descriptor.
final class PlainFile: Sendable {
  /// The name for messages.
  let name: String
  /// In bytes, when it was opened.
  let size: Int
  private let descriptor: Int32

  /// Takes the descriptor over.
  init(_ descriptor: Int32, name: String) throws {
    self.descriptor = descriptor
    self.name = name
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw FileError(.inputOutput, file: name, systemWords(errno))
    }
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills `target` with the bytes from `address`.
  ///
  /// - Parameter object: what they belong to, for messages.
  /// - Throws: `FileError` of kind `inputOutput`.
  func read(
    at address: Int, into target: UnsafeMutableRawBufferPointer, object: String? = nil
  ) throws {
    var done = 0
    while done < target.count {
      let count = unsafe pread(
        descriptor, target.baseAddress! + done, target.count - done, off_t(address + done))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        throw FileError(
          .inputOutput, file: name, object: object,
          count == 0 ? "the file ends too soon" : systemWords(errno))
      }
      done += count
    }
  }

  /// The bytes of a range that lies within the file.
  func bytes(_ range: Range<Int>, object: String? = nil) throws -> [UInt8] {
    precondition(range.lowerBound >= 0 && range.upperBound <= size, "a range within the file")
    var bytes = [UInt8](repeating: 0, count: range.count)
    try unsafe bytes.withUnsafeMutableBytes {
      try unsafe read(at: range.lowerBound, into: $0, object: object)
    }
    return bytes
  }

  /// The error for something wrong with the file or an object in it.
  func problem(_ problem: String, object: String? = nil) -> FileError {
    FileError(.wrongData, file: name, object: object, problem)
  }
}

/// Whether a name can stand in a message of one line.
func isOneLine(_ name: String) -> Bool {
  name.unicodeScalars.allSatisfy { $0 >= " " && $0 != "\u{7f}" }
}

/// The system's words for an error number.
func systemWords(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }

/// Writes all of `bytes` at an address of a file.
///
/// - Throws: `FileError` of kind `inputOutput`, such as on a full disk.
func writeAll(
  _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at address: Int, name: String
) throws {
  var done = 0
  while done < bytes.count {
    let count = unsafe pwrite(
      descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(address + done))
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { throw FileError(.inputOutput, file: name, systemWords(errno)) }
    done += count
  }
}
