import Glibc

/// Marks a growing file as being written to, so that no second process writes to it or replaces it.
///
/// An "open file description" lock on a byte that no file has: it ends with the process, whatever
/// becomes of that, and readers, who take other locks or none, do not notice it. Where a file system
/// has no locks there is no mark.
public enum WriterLock {
  /// - Returns: false where another process has the mark.
  public static func take(_ descriptor: Int32) -> Bool {
    var range = flock()
    range.l_type = Int16(F_WRLCK)
    range.l_whence = Int16(SEEK_SET)
    range.l_start = 1 << 62
    range.l_len = 1
    // F_OFD_SETLK, a macro that Swift does not import.
    return unsafe fcntl(descriptor, 37, &range) == 0 || (errno != EAGAIN && errno != EACCES)
  }

  /// Whether another process has the mark of the file at a path.
  public static func isTaken(_ path: String) -> Bool {
    let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return !take(descriptor)
  }

  public static func busy(_ name: String) -> FileError {
    FileError(
      .cannotCreate, file: name,
      "another process is writing to it; wait for that, or choose another -o")
  }
}
