/// Where a result goes: a file, or standard output where the path is nil or "-".
///
/// A file is replaced whole when the result is complete. Standard output gets the whole file at the
/// end, and is refused when it is a terminal.
public struct OutputTarget: Sendable, Equatable {
  /// Nil for standard output.
  public let path: String?

  public init(_ path: String?) { self.path = path == "-" ? nil : path }
}
