import Glibc

/// A file that is read at addresses, by any thread. Owns its descriptor.
public final class PlainFile: Sendable {
  /// The name for messages.
  public let name: String
  /// In bytes, when it was opened.
  public let size: Int
  private let descriptor: Int32

  /// Takes the descriptor over.
  public init(_ descriptor: Int32, name: String) throws {
    self.descriptor = descriptor
    self.name = name
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw FileError(.inputOutput, file: name, systemMessage(errno))
    }
    size = Int(status.st_size)
  }

  /// Whether something has that name.
  public static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Whether that is a folder, or leads to one.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Opens a regular file, which can be gone through more than once.
  ///
  /// - Throws: `FileError`: `missingInput`; `wrongData` for a pipe, a folder or a device.
  public convenience init(_ path: String) throws {
    // Without waiting for whoever writes to a pipe of that name.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw FileError(
        .missingInput, file: path,
        errno == ENOENT ? "no such file" + PartFile.hint(for: path) : "cannot open")
    }
    var status = stat()
    let isRegular = unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    try self.init(descriptor, name: path)
    guard isRegular else {
      throw problem("is no regular file, but it is gone through more than once")
    }
  }

  deinit { close(descriptor) }

  /// Fills `target` with the bytes from `address`.
  ///
  /// - Parameter object: what they belong to, for messages.
  /// - Throws: `FileError` of kind `inputOutput`.
  public func read(
    at address: Int, into target: UnsafeMutableRawBufferPointer, object: String? = nil
  ) throws {
    try unsafe BlockingTransfer.read(
      descriptor, at: address, into: target, file: name, object: object)
  }

  /// The bytes of a range that lies within the file.
  public func bytes(_ range: Range<Int>, object: String? = nil) throws -> [UInt8] {
    precondition(range.lowerBound >= 0 && range.upperBound <= size, "a range within the file")
    var bytes = [UInt8](repeating: 0, count: range.count)
    try unsafe bytes.withUnsafeMutableBytes {
      try unsafe read(at: range.lowerBound, into: $0, object: object)
    }
    return bytes
  }

  /// The error for something wrong with the file or an object in it.
  public func problem(_ problem: String, object: String? = nil) -> FileError {
    FileError(.wrongData, file: name, object: object, problem)
  }
}

/// Whether a name can stand in a message of one line.
public func isOneLine(_ name: String) -> Bool {
  name.unicodeScalars.allSatisfy { $0 >= " " && $0 != "\u{7f}" }
}
