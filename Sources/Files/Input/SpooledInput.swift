import Glibc

/// What an input operand names, as something that can seek.
///
/// A regular file is used as it is. Standard input ("-"), a pipe or a device is copied to an
/// unlinked temporary file in `$TMPDIR` first; nothing of it is left
/// when the process ends, however it ends.
public final class SpooledInput {
  /// The name for messages: the operand, or "standard input".
  public let name: String
  private let path: String
  private let spool: TemporaryFile?

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
    if operand == "-", found != 0 || StandardDescriptors.isClosed(0) {
      throw FileError(.missingInput, file: name, "is closed; name a file or pipe one in")
    }
    let isDeleted = operand == "-" && status.st_nlink == 0
    if found != 0 || kind == S_IFREG && !isDeleted || kind == S_IFDIR {
      // What is missing or a directory is for the opener to report.
      path = source
      spool = nil
      return
    }
    let input = unsafe operand == "-" ? dup(0) : Glibc.open(source, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else {
      throw FileError(
        .missingInput, file: name, systemClause(errno))
    }
    defer { Glibc.close(input) }
    let spool = try TemporaryFile(in: TemporaryFile.defaultFolder, nameless: true)
    self.spool = spool
    path = source
    let count = try Self.copy(from: input, to: spool.descriptor, reading: name, writing: spool.name)
    if count == 0 {
      throw FileError(.wrongData, file: name, "is empty; the command before it wrote nothing")
    }
  }

  /// A descriptor of the bytes, at their beginning, for readers of other formats; to be closed by
  /// the caller.
  public func openDescriptor() throws -> Int32 {
    let descriptor =
      unsafe spool.map { dup($0.descriptor) } ?? Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw FileError(
        .missingInput, file: name, systemClause(errno))
    }
    if spool != nil { _ = lseek(descriptor, 0, SEEK_SET) }
    return descriptor
  }

  /// Calls `body` with a path by which the bytes can be opened.
  public func withPath<R>(_ body: (String) throws -> R) throws -> R {
    guard let spool else { return try body(path) }
    defer { spool.removeName() }
    return try body(try spool.giveName())
  }

  /// Copies everything, and returns how many bytes that was.
  static func copy(
    from input: Int32, to output: Int32, reading: String, writing: String
  ) throws -> Int {
    let capacity = 1 << 18
    _ = fcntl(input, 1031, Int32(1 << 20))  // F_SETPIPE_SZ: fewer, larger reads from a pipe
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 4096)
    defer { unsafe buffer.deallocate() }
    var total = 0
    while true {
      let count = try unsafe BlockingTransfer.readSome(input, into: buffer, file: reading)
      if count == 0 { return total }
      try unsafe BlockingTransfer.write(
        UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: output, file: writing)
      total += count
    }
  }
}
