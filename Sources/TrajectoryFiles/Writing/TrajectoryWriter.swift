import Files
import HDF5
import WeightSpace

/// Writes a trajectory that appears whole when it is finished; without `finish()` nothing is left
/// behind and an older file stays as it was.
///
/// Either snapshots are appended one after the other, or their number is given at first and their
/// columns are filled in any order.
public final class TrajectoryWriter: @unchecked Sendable {
  // Sendable: what `writeColumns` uses never changes, and it calls the library under its lock; all
  // else is for one thread.

  private let output: AtomicOutput
  private let hasChecksums: Bool
  private let file: HDF5File
  private let rows: SnapshotRows
  private let committed: CommittedCount
  private let isSized: Bool
  private let raw: RawTensorRows?

  /// The file's name for messages.
  public var name: String { output.name }

  /// - Parameters:
  ///   - layout: the parameters.
  ///   - bufferLayout: the running statistics; nil where they are stale or the model has none.
  ///   - architecture: JSON; nil where it is unknown.
  ///   - history: newest first; nil to leave it out.
  ///   - columns: the names of the snapshots' numbers, such as "epoch".
  ///   - carried: what is no weight, and copied at once.
  ///   - snapshots: how many there will be, for `writeColumns`; nil to append them.
  /// - Throws: `FileError`: `cannotCreate`, `inputOutput`, and what reading `carried` throws.
  public init(
    to target: OutputTarget, layout: VectorLayout, bufferLayout: VectorLayout? = nil,
    architecture: String? = nil, history: [String]? = nil, columns: [String] = [],
    carried: [CarriedTensor] = [], snapshots: Int? = nil
  ) throws {
    output = try AtomicOutput(target.path)
    hasChecksums = target.checksums
    file = try output.createFile()
    isSized = snapshots != nil
    try writeHeader(of: file, architecture: architecture, history: history)
    let rows = try SnapshotRows.create(
      in: file, layout: layout, bufferLayout: bufferLayout, columns: columns,
      count: snapshots ?? 0, expected: snapshots, allocate: isSized)
    self.rows = rows
    committed = try CommittedCount.create(in: file)
    try file.write(carried: carried)
    raw = try snapshots.flatMap { try RawTensorRows(rows.weights, rows: Array(0..<$0)) }
  }

  /// Adds a snapshot without running statistics.
  ///
  /// - Parameter columns: a number for each column.
  public func append(_ weights: borrowing WeightVector, columns: [Double] = []) throws {
    precondition(!isSized, "the number of snapshots was given")
    try rows.extend(to: rows.count + 1)
    try rows.writeWeights(weights, row: rows.count - 1)
    try rows.writeColumns(columns, row: rows.count - 1)
  }

  /// Adds a snapshot with its running statistics.
  public func append(
    _ weights: borrowing WeightVector, buffers: borrowing WeightVector, columns: [Double] = []
  ) throws {
    try append(weights, columns: columns)
    try rows.writeBuffers(buffers, row: rows.count - 1)
  }

  /// Fills a range of the elements of one snapshot. May be called from several threads.
  public func writeColumns(_ columns: Range<Int>, of snapshot: Int, from source: Span<Float>) throws
  {
    precondition(isSized && source.count == columns.count, "a number for each column")
    try unsafe source.withUnsafeBufferPointer { source in
      if let raw {
        try unsafe raw.write(row: snapshot, columns: columns, from: source)
      } else {
        try HDF5Library.withLock {
          try unsafe rows.weights.write(row: snapshot, columns: columns, from: source)
        }
      }
    }
  }

  /// Sets the running statistics of one snapshot, one number for each of the layout's elements.
  public func setBuffers(_ values: [Double], of snapshot: Int) throws {
    precondition(isSized, "for a number of snapshots that was given")
    try rows.writeBuffers(WeightVector(values.map { Float($0) }), row: snapshot)
  }

  /// Sets the numbers of one snapshot, one for each column.
  public func setColumns(_ values: [Double], of snapshot: Int) throws {
    try rows.writeColumns(values, row: snapshot)
  }

  /// Completes the file and lets it appear.
  ///
  /// - Throws: `FileError` of kind `inputOutput` on a full disk; `ClosedPipe`.
  public func finish() throws {
    try committed.set(rows.count)
    if hasChecksums { try Checksum.addAll(to: file) }
    try file.close()
    try output.commit()
  }
}

/// The root attributes that all files of the suite share.
func writeHeader(
  of file: HDF5File, kind: FileKind = .trajectory, architecture: String?, history: [String]?
) throws {
  try file.declare(kind: kind, in: .weightspace)
  if let history { try file.setAttribute("history", history) }
  if let architecture { try file.setAttribute("architecture", architecture) }
}
