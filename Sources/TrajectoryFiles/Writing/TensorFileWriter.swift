import Files
import HDF5
import WeightSpace

/// Writes a file of several tensor groups over one layout, such as a gaussian, a subspace, a curve
/// or an affine trajectory. It appears whole when it is finished; without `finish()` nothing is left
/// behind and an older file stays as it was.
///
/// All space is reserved at first, so that columns can be filled in any order and from any thread
/// and the file's bytes depend on neither.
public final class TensorFileWriter: @unchecked Sendable {
  // Sendable: what `writeColumns` uses changes in `addGroup` only, before the writer is shared, and
  // it calls the library under its lock.

  private let output: AtomicOutput
  private let hasChecksums: Bool
  private let file: HDF5File
  private var groups: [GroupName: TensorGroup] = [:]
  private var raw: [GroupName: RawTensorRows] = [:]

  /// The file's name for messages.
  public var name: String { output.name }

  /// - Parameters:
  ///   - kind: the root attribute of that name, such as "gaussian".
  ///   - layout: the tensors of every group.
  ///   - groups: the groups in the file's order, each with its number of rows (a leading axis of
  ///     that length); nil for tensors without such an axis.
  ///   - architecture: JSON; nil where it is unknown.
  ///   - history: newest first; nil to leave it out.
  /// - Throws: `FileError`: `cannotCreate`, `inputOutput`.
  public init(
    to target: OutputTarget, kind: FileKind, layout: VectorLayout,
    groups: [(name: GroupName, rows: Int?)], architecture: String? = nil, history: [String]? = nil
  ) throws {
    output = try AtomicOutput(target.path)
    hasChecksums = target.checksums
    let file = try output.createFile()
    self.file = file
    try writeHeader(of: file, kind: kind, architecture: architecture, history: history)
    for (name, rows) in groups { try addGroup(name, layout: layout, rows: rows) }
  }

  /// Adds a group of tensors, such as running statistics. Call it before other threads write.
  ///
  /// - Parameter rows: the length of a leading axis; nil for tensors without one.
  public func addGroup(_ name: GroupName, layout: VectorLayout, rows: Int?) throws {
    let group =
      try rows.map {
        try TensorGroup.create(
          name, layout: layout, in: file, rows: $0, expected: $0, allocate: true)
      } ?? TensorGroup.createWithoutRows(name, layout: layout, in: file)
    groups[name] = group
    if rows != 0 { raw[name] = try RawTensorRows(group, rows: Array(0..<(rows ?? 1))) }
  }

  /// Fills a range of the elements of one row of a group; row 0 where it has no axis of rows. May be
  /// called from several threads.
  ///
  /// - Throws: `FileError` of kind `inputOutput`, such as on a full disk.
  public func writeColumns(
    _ columns: Range<Int>, of group: GroupName, row: Int = 0, from source: Span<Float>
  ) throws {
    precondition(source.count == columns.count, "a number for each column")
    guard let tensors = groups[group] else { preconditionFailure("no group \(group)") }
    try unsafe source.withUnsafeBufferPointer { source in
      if let raw = raw[group] {
        try unsafe raw.write(row: row, columns: columns, from: source)
      } else {
        try HDF5Library.withLock {
          try unsafe tensors.write(row: row, columns: columns, from: source)
        }
      }
    }
  }

  /// Fills one whole row of a group.
  public func write(_ vector: borrowing WeightVector, to group: GroupName, row: Int = 0) throws {
    try vector.withSpan { try writeColumns(0..<$0.count, of: group, row: row, from: $0) }
  }

  /// Adds a dataset of numbers of that shape, such as `coordinates` or `snapshots/t`; the groups in
  /// its path are created.
  public func write(numbers values: [Double], shape: [Int], to name: DatasetName) throws {
    precondition(values.count == shape.reduce(1, *), "a number for each element")
    let path = name.path
    if let slash = path.lastIndex(of: "/") { try file.createGroup(String(path[..<slash])) }
    try file.createDataset(path, type: .float64, shape: shape, allocateNow: true).write(values)
  }

  /// Adds a dataset of one whole number, such as `committed`.
  public func write(count: Int, to name: DatasetName) throws {
    let path = name.path
    if let slash = path.lastIndex(of: "/") { try file.createGroup(String(path[..<slash])) }
    try file.createDataset(path, type: .int64, shape: [], allocateNow: true).write([Int64(count)])
  }

  /// Sets a root attribute.
  public func setAttribute(_ name: String, _ value: Int) throws {
    try file.setAttribute(name, value)
  }

  /// Sets a root attribute.
  public func setAttribute(_ name: String, _ value: Double) throws {
    try file.setAttribute(name, value)
  }

  /// Sets a root attribute.
  public func setAttribute(_ name: String, _ value: String) throws {
    try file.setAttribute(name, value)
  }

  /// Completes the file and lets it appear.
  ///
  /// - Throws: `FileError` of kind `inputOutput` on a full disk; `ClosedPipe`.
  public func finish() throws {
    if hasChecksums { try Checksum.addAll(to: file) }
    try file.close()
    try output.commit()
  }
}
