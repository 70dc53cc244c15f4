import Glibc

/// Marks a growing file as being written to, so that no second process writes to it or replaces it.
///
/// An "open file description" lock on a byte that no file has: it ends with the process, whatever
/// becomes of that, and readers, who take other locks or none, do not notice it. Where a file system
/// has no locks there is no mark.
public final class WriterLock {
  private let descriptor: Int32

  /// Takes the mark of the file at a path; it lasts as long as the value.
  ///
  /// - Throws: `FileError` of kind `cannotCreate` where another has the mark, or the file may not be
  ///   written to.
  public init(_ path: String) throws {
    descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw FileError(.cannotCreate, file: path, systemClause(errno))
    }
    guard Self.take(descriptor) else { throw Self.busy(path) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// - Returns: false where another process, or another opening of the file, has the mark.
  public static func take(_ descriptor: Int32) -> Bool {
    var range = wholeMark
    // F_OFD_SETLK, a macro that Swift does not import.
    return unsafe fcntl(descriptor, 37, &range) == 0 || (errno != EAGAIN && errno != EACCES)
  }

  /// Whether another has the mark of the file at a path.
  public static func isTaken(_ path: String) -> Bool {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var range = wholeMark
    // F_OFD_GETLK: asks and takes nothing, so that who asks is in nobody's way.
    return unsafe fcntl(descriptor, 36, &range) == 0 && range.l_type != Int16(F_UNLCK)
  }

  private static var wholeMark: flock {
    var range = flock()
    range.l_type = Int16(F_WRLCK)
    range.l_whence = Int16(SEEK_SET)
    range.l_start = 1 << 62
    range.l_len = 1
    return range
  }

  public static func busy(_ name: String) -> FileError {
    FileError(
      .cannotCreate, file: name,
      "another process is writing to it; wait for that, or choose another -o")
  }
}
