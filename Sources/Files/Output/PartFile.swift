import Glibc

/// The file in which a result grows that is not done yet: `run.h5.part` until `run.h5` is whole.
///
/// make, and people, take what has its name for done. So the result of hours lies beside its name while
/// it grows, and stays there after an interrupt; it takes its name when its command is done. A result
/// that is made longer goes back to being a part first.
///
/// The file itself is held on to from the moment it is known: what another process put under the part's
/// name meanwhile is never given out for the result.
public final class PartFile {
  /// What is added to a result's name.
  public static let suffix = ".part"

  /// The result's name.
  public let target: String
  /// The part's name.
  public let path: String
  private var held: Int32 = -1

  /// - Parameter target: a regular file, or one that is not there yet. A symbolic link stays one: the part
  ///   lies beside what it points to.
  public init(of target: String) {
    var status = stat()
    let isLink = unsafe lstat(target, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    self.target = isLink ? resolved(target) : target
    path = self.target + Self.suffix
  }

  deinit { if held >= 0 { close(held) } }

  /// The part that a result grows in now, by another process; nil where there is none.
  public static func beingWritten(of target: String) -> String? {
    let path = PartFile(of: target).path
    return WriterLock.isTaken(path) ? path : nil
  }

  /// What an absent file is called where its part is there: ends the words "no such file".
  public static func hint(for target: String) -> String {
    let path = target + suffix
    guard !target.hasSuffix(suffix), unsafe access(path, F_OK) == 0 else { return "" }
    return "; the unfinished \(path) is there: finish it with --resume, or read it by that name"
  }

  public var isThere: Bool { unsafe access(path, F_OK) == 0 }
  public var isResultThere: Bool { unsafe access(target, F_OK) == 0 }

  /// The file to go on with: the part, or the result where there is no part; nil where neither is there.
  ///
  /// - Throws: `FileError` of kind `cannotCreate` where both are there: one of them would be lost.
  public func found() throws -> String? {
    guard isThere else { return isResultThere ? target : nil }
    guard !isResultThere else {
      throw FileError(
        .cannotCreate, file: path,
        "is an unfinished run beside the finished \(target); remove one of them, the part to keep what"
          + " is done, the other to go on with the part")
    }
    return path
  }

  /// Holds on to the file that has this name now: the part's, unless it is said.
  public func hold(_ name: String? = nil) {
    let name = name ?? path
    if held >= 0 { close(held) }
    held = unsafe open(name, O_RDONLY | O_CLOEXEC)
  }

  /// Lets the result be a part again, to be made longer, where that is what is held; nothing otherwise.
  ///
  /// - Throws: `FileError` of kind `inputOutput`.
  public func reopen() throws {
    guard held >= 0, isHeld(target) else { return }
    guard unsafe rename(target, path) == 0 else {
      throw FileError(.inputOutput, file: target, systemClause(errno))
    }
    syncFolder()
  }

  /// The part, which was closed, takes the result's name, and replaces what has that, whose access rights
  /// it gets.
  ///
  /// - Throws: `FileError` of kind `inputOutput`, also where the part is another file by now.
  public func complete() throws {
    guard held < 0 || isHeld(path) else {
      // Another process may have found the part complete, and done this.
      if isHeld(target) { return }
      throw FileError(
        .inputOutput, file: path,
        "was removed or replaced while it was written to; what was saved in it is lost")
    }
    var replaced = stat()
    if held >= 0, unsafe stat(target, &replaced) == 0 { fchmod(held, replaced.st_mode & 0o7777) }
    guard held < 0 || fsync(held) == 0, unsafe rename(path, target) == 0 else {
      throw FileError(.inputOutput, file: target, systemClause(errno))
    }
    syncFolder()
  }

  private func isHeld(_ name: String) -> Bool {
    var (own, present) = (stat(), stat())
    return unsafe fstat(held, &own) == 0 && stat(name, &present) == 0
      && own.st_dev == present.st_dev && own.st_ino == present.st_ino
  }

  private func syncFolder() {
    let folder = unsafe open(folderOfFile(target), O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { return }
    fsync(folder)
    close(folder)
  }
}

/// The file that symbolic links lead to; the path as it is where nothing is there.
func resolved(_ path: String) -> String {
  let real = unsafe realpath(path, nil)
  defer { unsafe free(real) }
  return unsafe real.map { unsafe String(cString: $0) } ?? path
}

func folderOfFile(_ path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}
