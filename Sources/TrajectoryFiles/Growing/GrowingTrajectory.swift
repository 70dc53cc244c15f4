import Files
import HDF5
import WeightSpace

/// The trajectory of a running command: created in place, it grows by a snapshot at a time.
///
/// Every snapshot that `append` has returned from can be read after `kill -9` or on a full disk:
/// the rows are written and flushed first, then `committed` counts them, and readers never look
/// past it. What the command needs to go on is kept under `state/` in two slots that are written
/// alternately; `state/current` names the whole one. On standard output, where nobody can resume,
/// the file appears at the end and no state is kept.
public final class GrowingTrajectory {
  private let output: AtomicOutput?
  private let file: HDF5File
  private let rows: SnapshotRows
  private let state: ResumeState?
  public let layout: VectorLayout
  public let bufferLayout: VectorLayout?
  /// The names of the snapshots' numbers.
  public let columns: [String]

  /// How many snapshots are saved.
  public var count: Int { rows.count }

  private init(
    output: AtomicOutput?, file: HDF5File, rows: SnapshotRows, state: ResumeState?,
    layout: VectorLayout, bufferLayout: VectorLayout?, columns: [String]
  ) {
    self.output = output
    self.file = file
    self.rows = rows
    self.state = state
    self.layout = layout
    self.bufferLayout = bufferLayout
    self.columns = columns
  }

  /// Creates the file, replacing what has that name; it appears as an empty trajectory at once.
  ///
  /// - Parameters:
  ///   - columns: the names of the snapshots' numbers, such as "epoch".
  ///   - expected: how many snapshots there will probably be, if known; keeps small files small.
  ///   - stateVectors: name and length of each vector of the state.
  ///   - stateScalars: the names of the state's numbers.
  ///   - settings: a text that says which run this is, for `resume` to compare.
  /// - Throws: `FileError`: `cannotCreate`, `inputOutput`.
  public static func create(
    _ target: OutputTarget, layout: VectorLayout, bufferLayout: VectorLayout? = nil,
    architecture: String? = nil, history: [String]? = nil, columns: [String] = [],
    expected: Int? = nil, stateVectors: [(name: String, count: Int)] = [],
    stateScalars: [String] = [], settings: String = ""
  ) throws -> GrowingTrajectory {
    let output = try AtomicOutput(target.path)
    let file = try output.createFile()
    try writeHeader(of: file, architecture: architecture, history: history)
    let rows = try SnapshotRows.create(
      in: file, layout: layout, bufferLayout: bufferLayout, columns: columns, count: 0,
      expected: expected, allocate: false)
    var state: ResumeState?
    if output.isRegularFile {
      state = try ResumeState.create(
        in: file, vectors: stateVectors, scalars: stateScalars, settings: settings)
      try file.flush()
      try output.publish()
      try file.takeForWriting()
    }
    return GrowingTrajectory(
      output: output, file: file, rows: rows, state: state, layout: layout,
      bufferLayout: bufferLayout, columns: columns)
  }

  /// Opens the file of an interrupted run, and cuts it back to the snapshots that were saved when
  /// its state was.
  ///
  /// - Throws: `FileError`, such as `wrongData` where the file keeps no state.
  public static func resume(_ path: String) throws -> GrowingTrajectory {
    let file = try HDF5File.open(path, writable: true)
    try file.takeForWriting()
    try file.claimWholeFile()
    guard file.exists("state/current") else {
      throw FileError(
        .wrongData, file: path, "keeps no state to resume from; only an interrupted run can go on")
    }
    let state = try ResumeState.open(in: file)
    let contents = try TrajectoryContents(file)
    guard case .rows(let weights) = contents.source, state.committed <= contents.count else {
      throw FileError(.wrongData, file: path, object: "state", "does not fit the snapshots")
    }
    let count = state.committed
    let rows = SnapshotRows(
      weights: weights, buffers: contents.buffers, columns: contents.columns.map(\.dataset),
      committed: try file.dataset("committed"), count: count)
    try rows.setCommitted(count)
    try file.flush()
    try rows.extend(to: count)
    try file.flush()
    return GrowingTrajectory(
      output: nil, file: file, rows: rows, state: state, layout: weights.layout,
      bufferLayout: contents.buffers?.layout, columns: contents.columns.map(\.name))
  }

  /// Saves a snapshot. When it returns, the snapshot stays readable whatever happens to the process.
  ///
  /// - Parameters:
  ///   - buffers: the running statistics; an empty vector where the trajectory has none.
  ///   - columns: a number for each column.
  /// - Throws: `FileError` of kind `inputOutput`, such as on a full disk; the trajectory then stays as it
  ///   was, and must not be used any further.
  public func append(
    _ weights: borrowing WeightVector, buffers: borrowing WeightVector, columns: [Double]
  ) throws {
    let row = rows.count
    try guarded {
      try rows.extend(to: row + 1)
      try rows.writeWeights(weights, row: row)
      try rows.writeBuffers(buffers, row: row)
      try rows.writeColumns(columns, row: row)
      if output?.isRegularFile ?? true {
        try file.flush()
        try rows.setCommitted(row + 1)
        try file.flush()
      }
    }
  }

  // MARK: State

  /// What `settings` was at creation; nil on standard output.
  public var settings: String? { state?.settings }
  /// Whether a state has been saved.
  public var hasState: Bool { state?.current ?? -1 >= 0 }
  /// The numbers of the saved state; empty where there is none.
  public func stateScalars() throws -> [String: Double] { try state?.scalars() ?? [:] }

  /// Reads a vector of the saved state.
  ///
  /// - Throws: `FileError` of kind `wrongData` where there is none of that name and length.
  public func readState(_ name: String, into vector: inout WeightVector) throws {
    guard let state else { return }
    try unsafe vector.withUnsafeMutableBufferPointer { try unsafe state.read(name, into: $0) }
  }

  /// Writes a vector of the next state; it counts once `commitState` has returned.
  public func writeState(_ name: String, _ vector: borrowing WeightVector) throws {
    guard let state else { return }
    try guarded {
      try unsafe vector.withUnsafeBufferPointer { try unsafe state.write(name, from: $0) }
    }
  }

  /// Makes the vectors written since the last call, these numbers, and the present number of
  /// snapshots the state to resume from. Every vector must have been written.
  public func commitState(scalars: [String: Double]) throws {
    guard let state else { return }
    try guarded {
      try state.writeScalars(scalars, committed: rows.count)
      try file.flush()
      try state.switchSlots()
      try file.flush()
    }
  }

  /// Closes the file; on standard output it is written out now.
  public func finish() throws {
    if let output, !output.isRegularFile { try rows.setCommitted(rows.count) }
    try guarded { try file.close() }
    if let output, !output.isRegularFile { try output.commit() }
  }

  /// After a failure nothing more may reach the file: what is on disk is whole, what is in memory
  /// is not.
  private func guarded(_ body: () throws -> Void) throws {
    do { try body() } catch {
      file.abandon()
      throw error
    }
  }
}
