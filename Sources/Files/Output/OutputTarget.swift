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

  /// Refuses an output that is one of the inputs, by whatever names and links both are reached; also
  /// a file of a folder, or a shard of an index, that is an input.
  ///
  /// - Parameter inputs: operands, as in `run.h5[3:]`, `p.h5:/mean` or "-" for standard input.
  /// - Throws: `FileError` of kind `cannotCreate`.
  public func requireNoInput(among inputs: [String?]) throws {
    guard let path, isRegularFile else { return }
    for case let input? in inputs
    where Self.identity(ofOperand: input) == Self.identity(of: path) || Self.leads(input, to: path)
    {
      throw FileError(
        .cannotCreate, file: path, "is an input, and would be replaced; choose another -o")
    }
  }

  /// What makes a file the same by any name: device and number.
  private struct Identity: Equatable {
    let device: dev_t
    let number: ino_t
  }

  private static func identity(ofOperand operand: String) -> Identity? {
    if operand == "-" { return identity { unsafe fstat(0, &$0) } }
    if let whole = identity(of: operand) { return whole }
    // A file with a selection of its snapshots, or with a path inside of it.
    for mark: Character in ["[", ":"] {
      guard let end = operand.lastIndex(of: mark) else { continue }
      if let file = identity(of: String(operand[..<end])) { return file }
    }
    return nil
  }

  /// Whether an operand is a folder of weights, or the index of several files, and a file one of these.
  private static func leads(_ operand: String, to path: String) -> Bool {
    let slash = path.lastIndex(of: "/")
    let parent = identity(of: slash.map { String(path[...$0]) } ?? ".")
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    if PlainFile.isFolder(operand) {
      let isRead = WeightFolder.files.contains {
        identity(of: "\(operand)/\($0)") == identity(of: path)
      }
      return isRead
        || identity(of: operand) == parent
          && WeightFolder.isShard(name, ofIndex: "model.safetensors.index.json")
    }
    let end = operand.lastIndex(of: "/")
    let index = end.map { String(operand[operand.index(after: $0)...]) } ?? operand
    return identity(of: end.map { String(operand[...$0]) } ?? ".") == parent
      && WeightFolder.isShard(name, ofIndex: index)
  }

  private static func identity(of path: String) -> Identity? {
    identity { unsafe stat(path, &$0) }
  }

  private static func identity(_ ask: (inout stat) -> Int32) -> Identity? {
    var status = stat()
    guard ask(&status) == 0 else { return nil }
    return Identity(device: status.st_dev, number: status.st_ino)
  }

  /// Whether a regular file is there already, such as that of a run to go on with.
  public var isRegularFile: Bool {
    var status = stat()
    return path.map { unsafe stat($0, &status) == 0 && status.st_mode & S_IFMT == S_IFREG } ?? false
  }

  /// Where the result lies as long as it grows; nil where it cannot: on standard output, or a device.
  public var part: PartFile? {
    var status = stat()
    guard let path, !path.isEmpty,
      unsafe stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    else { return nil }
    return PartFile(of: path)
  }
}
