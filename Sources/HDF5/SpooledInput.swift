import Glibc

/// What an input operand names, as something that can seek.
///
/// A regular file is used as it is. Standard input ("-"), a pipe or a device is copied to an
/// unlinked temporary file in `$TMPDIR` first, because HDF5 needs to seek; nothing of it is left
/// when the process ends, however it ends.
public final class SpooledInput: Sendable {
  /// A path to open, valid as long as this object lives.
  public let path: String
  /// The name for messages: the operand, or "standard input".
  public let name: String
  private let descriptor: Int32

  /// - Parameter operand: a path, or "-" for standard input.
  /// - Throws: `FileError`: `missingInput` where there is nothing to read, `wrongData` where nothing
  ///   came, `inputOutput` where spooling failed.
  public init(_ operand: String) throws {
    name = operand == "-" ? "standard input" : operand
    let source = operand == "-" ? "/proc/self/fd/0" : operand
    var status = stat()
    let found = operand == "-" ? unsafe fstat(0, &status) : unsafe stat(source, &status)
    let kind = status.st_mode & S_IFMT
    if operand == "-", found == 0, isatty(0) != 0 {
      throw FileError(
        .missingInput, file: name, "is a terminal; name a file or pipe one in")
    }
    if operand == "-", found != 0 {
      throw FileError(.missingInput, file: name, "is closed; name a file or pipe one in")
    }
    if found != 0 || kind == S_IFREG || kind == S_IFDIR {
      // What is missing or a directory is for the opener to report.
      path = source
      descriptor = -1
      return
    }
    let input = unsafe operand == "-" ? dup(0) : Glibc.open(source, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else {
      throw FileError(
        .missingInput, file: name, HDF5File.lowercasedFirst(systemMessage(errno)))
    }
    defer { Glibc.close(input) }
    let spool = try TemporaryFile(in: TemporaryFile.defaultFolder)
    descriptor = spool.descriptor
    path = "/proc/self/fd/\(spool.descriptor)"
    let count = try Self.copy(from: input, to: spool.descriptor, reading: name, writing: spool.name)
    if count == 0 {
      throw FileError(.wrongData, file: name, "is empty; the command before it wrote nothing")
    }
  }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

  /// Copies everything, and returns how many bytes that was.
  static func copy(
    from input: Int32, to output: Int32, reading: String, writing: String
  ) throws -> Int {
    let capacity = 1 << 18
    _ = fcntl(input, 1031, Int32(1 << 20))  // F_SETPIPE_SZ: fewer, larger reads from a pipe
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 4096)
    defer { unsafe buffer.deallocate() }
    var total = 0
    while true {
      let count = unsafe read(input, buffer, capacity)
      if count == 0 { return total }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(.inputOutput, file: reading, systemMessage(errno))
      }
      var written = 0
      while written < count {
        let part = unsafe write(output, buffer + written, count - written)
        if part < 0 {
          if errno == EINTR { continue }
          if errno == EPIPE { throw ClosedPipe() }
          throw FileError(.inputOutput, file: writing, systemMessage(errno))
        }
        written += part
      }
      total += count
    }
  }
}

/// Nobody reads standard output any more; a tool ends quietly.
public struct ClosedPipe: Error {
  public init() {}
}
