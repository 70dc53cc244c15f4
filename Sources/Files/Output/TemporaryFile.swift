import CKernels
import Glibc

/// A temporary file that does not outlive the process.
///
/// It has a hidden name only as long as one is needed: some libraries open files by name, and a file that is
/// to replace another by renaming must have one. A name is removed when the file is closed, and by
/// `TemporaryFile.removeNames()` when a signal ends the process.
public final class TemporaryFile {
  public private(set) var descriptor: Int32
  /// The name for messages.
  let name: String
  /// Where the file lies while it has a name.
  public private(set) var path: String?
  private let folder: String

  /// `$TMPDIR`, or /tmp.
  public static var defaultFolder: String {
    guard let value = unsafe getenv("TMPDIR"), unsafe value.pointee != 0 else { return "/tmp" }
    return unsafe String(cString: value)
  }

  /// - Parameter nameless: without a name until `giveName()`, where the file system can do that.
  /// - Throws: `FileError` of kind `cannotCreate`.
  public init(in folder: String, nameless: Bool) throws {
    self.folder = folder
    name = "temporary file in \(folder)"
    if nameless {
      // 0o20200000 is O_TMPFILE with O_DIRECTORY, a macro that Swift does not import.
      descriptor = unsafe Glibc.open(folder, O_RDWR | O_CLOEXEC | 0o20200000, 0o600)
      if descriptor >= 0 { return }
    }
    let (descriptor, path) = try Self.create(in: folder, name)
    self.descriptor = descriptor
    self.path = path
  }

  /// Creates a file of a new name. That is remembered before the file is there, so that no signal comes
  /// between the two.
  private static func create(in folder: String, _ name: String) throws -> (Int32, String) {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    var number = EEXIST
    for _ in 0..<100 where number == EEXIST {
      let path = folder + "/.weightspace-" + String((0..<6).map { _ in letters.randomElement()! })
      remember(path)
      let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      if descriptor >= 0 { return (descriptor, path) }
      number = errno
      forget(path)
    }
    throw FileError(.cannotCreate, file: name, systemClause(number))
  }

  /// The file's name; a nameless file gets one.
  public func giveName() throws -> String {
    if let path { return path }
    let new = "\(folder)/.weightspace-\(getpid())-\(descriptor)"
    unsafe unlink(new)
    Self.remember(new)
    let link = unsafe linkat(
      AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, new, Int32(AT_SYMLINK_FOLLOW))
    guard link == 0 else {
      throw FileError(.cannotCreate, file: name, systemClause(errno))
    }
    path = new
    return new
  }

  /// Takes the name away; who has the file open keeps it.
  public func removeName() {
    guard let path else { return }
    unsafe unlink(path)
    Self.forget(path)
    self.path = nil
  }

  /// Gives the file its final name, in the same folder, replacing what has that name. The access
  /// rights become those of the file replaced, or what the user's mask leaves of 0666.
  func take(name target: String, displayName: String) throws {
    let path = try giveName()
    var status = stat()
    if unsafe stat(target, &status) == 0 {
      fchmod(descriptor, status.st_mode & 0o7777)
    } else {
      let mask = umask(0)
      umask(mask)
      fchmod(descriptor, 0o666 & ~mask)
    }
    guard unsafe rename(path, target) == 0 else {
      let number = errno
      throw FileError(
        number == ENOSPC || number == EDQUOT || number == EIO ? .inputOutput : .cannotCreate,
        file: displayName, systemClause(number))
    }
    Self.forget(path)
    self.path = nil
  }

  func close() {
    removeName()
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }

  deinit { close() }

  // MARK: For signal handlers

  // A fixed table of names, which a handler may read at any moment: slots are only ever replaced
  // by other valid pointers or nil, and the strings (a few dozen bytes each) are never freed.
  nonisolated(unsafe) private static let names =
    UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: nameCount)
  private static let nameCount = 1024
  nonisolated(unsafe) private static var areReady = false

  private static func remember(_ path: String) {
    if unsafe !areReady {
      unsafe names.initialize(repeating: nil, count: nameCount)
      unsafe areReady = true
    }
    for slot in 0..<nameCount where unsafe names[slot] == nil {
      unsafe names[slot] = strdup(path)
      return
    }
  }

  private static func forget(_ path: String) {
    for slot in 0..<nameCount {
      if let name = unsafe names[slot], unsafe String(cString: name) == path {
        unsafe names[slot] = nil
      }
    }
  }

  /// Removes the files that still have a name, and what `TemporaryFolder` says. Safe to call from a signal
  /// handler.
  public static func removeNames() {
    ck_clear_leftovers()
    guard unsafe areReady else { return }
    for slot in 0..<nameCount {
      if let name = unsafe names[slot] { _ = unsafe unlink(name) }
    }
  }
}
