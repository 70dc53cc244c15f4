import Glibc

/// Descriptors 0, 1 and 2, any of which whoever starts a tool may have closed.
public enum StandardDescriptors {
  /// Opens those that are closed, before anything else is opened: the next file would get the number,
  /// and with it what was meant for a stream. They are opened for the wrong direction, so that to use
  /// one stays an error.
  public static func fill() {
    for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
      let mode = descriptor == 0 ? O_WRONLY : O_RDONLY
      // The number is free, so that it is the lowest one that is.
      for path in ["/dev/null", "/"] where unsafe open(path, mode) >= 0 { break }
    }
  }

  /// Whether nothing can be read from standard input, or written to one of the others, as it was closed.
  public static func isClosed(_ descriptor: Int32) -> Bool {
    let flags = fcntl(descriptor, F_GETFL)
    return flags < 0 || flags & O_ACCMODE == (descriptor == 0 ? O_WRONLY : O_RDONLY)
  }
}
