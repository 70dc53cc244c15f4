import Glibc

/// A temporary file that no folder lists, so that nothing is left of it however the process ends.
///
/// On file systems that cannot make such a file it gets a hidden name, which is removed when the
/// file is closed and by `TemporaryFile.removeNamed()` when a signal ends the process.
public final class TemporaryFile {
  public private(set) var descriptor: Int32
  /// The name for messages.
  let name: String
  private let folder: String
  /// Where the file lies, for file systems without nameless files.
  private var visiblePath: String?

  /// `$TMPDIR`, or /tmp.
  public static var defaultFolder: String {
    guard let value = unsafe getenv("TMPDIR"), unsafe value.pointee != 0 else { return "/tmp" }
    return unsafe String(cString: value)
  }

  /// - Throws: `FileError` of kind `cannotCreate`.
  public init(in folder: String) throws {
    self.folder = folder
    name = "temporary file in \(folder)"
    // 0o20200000 is O_TMPFILE with O_DIRECTORY, a macro that Swift does not import.
    descriptor = unsafe Glibc.open(folder, O_RDWR | O_CLOEXEC | 0o20200000, 0o666)
    if descriptor >= 0 { return }
    if errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL {
      var template = Array((folder + "/.weightspace-XXXXXX").utf8CString)
      descriptor = unsafe mkstemp(&template)
      if descriptor >= 0 {
        let mask = umask(0)
        umask(mask)
        fchmod(descriptor, 0o666 & ~mask)
        let bytes = template.dropLast().map { UInt8(bitPattern: $0) }
        visiblePath = String(decoding: bytes, as: UTF8.self)
        Self.remember(visiblePath)
        return
      }
    }
    throw FileError(.cannotCreate, file: name, HDF5File.lowercasedFirst(systemMessage(errno)))
  }

  /// Gives the file its final name, in the same folder, replacing what has that name.
  func take(name target: String, displayName: String) throws {
    var source = visiblePath
    if source == nil {
      // A nameless file can be linked but cannot replace: a passing name first, then a rename.
      let passing = "\(folder)/.weightspace-\(getpid())"
      unsafe unlink(passing)
      Self.remember(passing)
      let linked = unsafe linkat(
        AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, passing, Int32(AT_SYMLINK_FOLLOW))
      guard linked == 0 else { throw Self.failed(displayName) }
      source = passing
    }
    if let source, unsafe rename(source, target) != 0 {
      let error = Self.failed(displayName)
      unsafe unlink(source)
      throw error
    }
    visiblePath = nil
    Self.remember(nil)
  }

  private static func failed(_ name: String) -> FileError {
    let number = errno
    return FileError(
      number == ENOSPC || number == EDQUOT || number == EIO ? .inputOutput : .cannotCreate,
      file: name, HDF5File.lowercasedFirst(systemMessage(number)))
  }

  func close() {
    if let visiblePath {
      unsafe unlink(visiblePath)
      self.visiblePath = nil
      Self.remember(nil)
    }
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }

  deinit { close() }

  // MARK: For signal handlers

  // Only one output has a visible name at a time; a handler reads the pointer, which is never freed.
  nonisolated(unsafe) private static var named: UnsafeMutablePointer<CChar>?

  private static func remember(_ path: String?) {
    unsafe named = path.map { unsafe strdup($0) } ?? nil
  }

  /// Removes what has a name. Safe to call from a signal handler.
  public static func removeNamed() {
    if let named = unsafe named { _ = unsafe unlink(named) }
  }
}
