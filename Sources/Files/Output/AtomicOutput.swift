import Glibc

/// A file that appears whole or not at all.
///
/// The bytes go to a hidden temporary file beside the target, which gets the target's name when
/// `commit()` has synced it; without `commit()` nothing is left behind and an older file of that
/// name stays as it was. For standard output, and for a target that is no regular file (a pipe, a
/// device), the temporary file lies unlinked in `$TMPDIR` and is copied out by `commit()`.
public final class AtomicOutput {
  /// The name for messages: the target's path, or "standard output".
  public let name: String
  private let target: String?
  private let temporary: TemporaryFile
  private var isDone = false

  /// - Parameter target: a path; nil or "-" for standard output.
  /// - Throws: `FileError` of kind `cannotCreate` where the target cannot be written, or is standard
  ///   output on a terminal.
  public init(_ target: String?) throws {
    var status = stat()
    if let target, target != "-" {
      name = target
      if target.isEmpty { throw FileError(.cannotCreate, file: "\"\"", "no such file") }
      let found = unsafe stat(target, &status) == 0
      let kind = status.st_mode & S_IFMT
      if found && kind == S_IFDIR {
        throw FileError(.cannotCreate, file: target, "is a directory")
      }
      if found && kind != S_IFREG {
        self.target = target
        temporary = try TemporaryFile(in: TemporaryFile.defaultFolder, nameless: true)
        copiesOut = true
        return
      }
      if found, unsafe access(target, W_OK) != 0 {
        throw FileError(.cannotCreate, file: target, systemClause(errno))
      }
      try Self.refuseBusy(target, name: target)
      // A symbolic link stays; what it points to is replaced.
      let real = resolved(target)
      self.target = real
      copiesOut = false
      do {
        temporary = try TemporaryFile(in: folderOfFile(real), nameless: false)
      } catch let error as FileError {
        throw FileError(.cannotCreate, file: target, error.problem)
      }
      return
    }
    name = "standard output"
    self.target = nil
    copiesOut = true
    if StandardDescriptors.isClosed(1) {
      throw FileError(.inputOutput, file: name, "is closed; give -o FILE or pipe into a command")
    }
    if isatty(1) != 0 {
      throw FileError(
        .cannotCreate, file: name, "is a terminal; give -o FILE or pipe into a command")
    }
    temporary = try TemporaryFile(in: TemporaryFile.defaultFolder, nameless: true)
  }

  private let copiesOut: Bool

  /// Calls `body` with a path at which a library can open the file to be written, which must be closed
  /// before `commit()`. What is copied out has that name only as long as `body` runs.
  public func withPath<R>(_ body: (String) throws -> R) throws -> R {
    let result = try body(try temporary.giveName())
    if copiesOut { temporary.removeName() }
    return result
  }

  /// The descriptor to write the bytes to, at any place, for formats that are written as bytes. It stays the
  /// output's: not to be closed by the caller.
  public var descriptor: Int32 { temporary.descriptor }

  /// Whether the target is a file that takes its name; otherwise `commit()` copies it out.
  public var isRegularFile: Bool { !copiesOut }

  /// Lets a regular file take its name now, while it is still being written to: for outputs that
  /// grow. It then stays whatever happens.
  public func publish() throws {
    precondition(!copiesOut, "a stream cannot appear before it is complete")
    guard !isDone, let target else { return }
    try Self.refuseBusy(target, name: name)
    isDone = true
    try temporary.take(name: target, displayName: name)
  }

  /// Takes a file that was published off its name again, unless another one has that by now.
  public func withdraw() {
    guard isDone, let target else { return }
    var (own, present) = (stat(), stat())
    guard unsafe fstat(temporary.descriptor, &own) == 0, unsafe stat(target, &present) == 0,
      own.st_dev == present.st_dev, own.st_ino == present.st_ino
    else { return }
    unsafe unlink(target)
  }

  /// Makes the output appear. The writer must have closed its file.
  ///
  /// - Throws: `FileError`: `inputOutput` on a full disk, `cannotCreate` where the name cannot be
  ///   taken; `ClosedPipe` where nobody reads.
  public func commit() throws {
    guard !isDone else { return }
    isDone = true
    defer { temporary.close() }
    if copiesOut {
      let output = target.map { unsafe Glibc.open($0, O_WRONLY | O_CLOEXEC) } ?? 1
      guard output >= 0 else { throw FileError(.cannotCreate, file: name, systemClause(errno)) }
      defer { if output != 1 { Glibc.close(output) } }
      _ = lseek(temporary.descriptor, 0, SEEK_SET)
      _ = try SpooledInput.copy(
        from: temporary.descriptor, to: output, reading: temporary.name, writing: name)
      return
    }
    guard let target else { return }
    guard fsync(temporary.descriptor) == 0 else {
      throw FileError(.inputOutput, file: name, systemClause(errno))
    }
    // A command may have begun to grow a file of that name meanwhile.
    try Self.refuseBusy(target, name: name)
    try temporary.take(name: target, displayName: name)
    // An unfinished run of that name: whoever writes here was told that it is replaced.
    unsafe unlink(target + PartFile.suffix)
    let folder = unsafe Glibc.open(folderOfFile(target), O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      _ = fsync(folder)
      Glibc.close(folder)
    }
  }

  /// Refuses a name whose file is being written to, or that a growing file will take.
  private static func refuseBusy(_ target: String, name: String) throws {
    if WriterLock.isTaken(target) { throw WriterLock.busy(name) }
    if let part = PartFile.beingWritten(of: target) { throw WriterLock.busy(part) }
  }

  /// Gives the output up; nothing is left of it.
  public func discard() {
    guard !isDone else { return }
    isDone = true
    temporary.close()
  }

  deinit { discard() }
}
