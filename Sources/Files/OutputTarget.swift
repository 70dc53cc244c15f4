import Glibc

/// Where a result goes: a file, or standard output where the path is nil or "-".
///
/// A file is replaced whole when the result is complete. Standard output gets the whole file at the
/// end, and is refused when it is a terminal.
public struct OutputTarget: Sendable, Equatable {
  /// Nil for standard output.
  public let path: String?
  /// Whether the result's datasets get checksums.
  public let checksums: Bool

  public init(_ path: String?, checksums: Bool = false) {
    self.path = path == "-" ? nil : path
    self.checksums = checksums
  }

  /// Whether a path leads to the same file, which is there.
  public func isSameFile(as other: String) -> Bool {
    guard let path else { return false }
    var (first, second) = (stat(), stat())
    guard unsafe stat(path, &first) == 0, unsafe stat(other, &second) == 0 else { return false }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }

  /// Whether a regular file is there already, such as that of a run to go on with.
  public var isRegularFile: Bool {
    var status = stat()
    return path.map { unsafe stat($0, &status) == 0 && status.st_mode & S_IFMT == S_IFREG } ?? false
  }
}
