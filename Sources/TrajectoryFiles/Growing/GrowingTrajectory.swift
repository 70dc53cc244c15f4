import Files
import WeightSpace

/// The trajectory of a running command: created in place, it grows by a snapshot at a time.
///
/// `GrowingFile` says what stays of it whatever happens, and how it goes on.
public final class GrowingTrajectory {
  private let growing: GrowingFile
  private let rows: SnapshotRows

  public var layout: VectorLayout { rows.weights.layout }
  public var bufferLayout: VectorLayout? { rows.buffers?.layout }
  /// The names of the snapshots' numbers.
  public let columns: [String]

  /// How many snapshots are saved.
  public var count: Int { growing.count }

  private init(_ growing: GrowingFile, _ rows: SnapshotRows, columns: [String]) {
    self.growing = growing
    self.rows = rows
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
    let (growing, rows) = try GrowingFile.create(
      target, architecture: architecture, history: history
    ) { file in
      try SnapshotRows.create(
        in: file, layout: layout, bufferLayout: bufferLayout, columns: columns, count: 0,
        expected: expected, allocate: false)
    } state: { file in
      try ResumeState.create(
        in: file, vectors: stateVectors, scalars: stateScalars, settings: settings)
    }
    return GrowingTrajectory(growing, rows, columns: columns)
  }

  /// Opens the file of an interrupted run, and cuts it back to the snapshots that were saved when
  /// its state was.
  ///
  /// - Throws: `FileError`, such as `wrongData` where the file keeps no state.
  public static func resume(_ path: String) throws -> GrowingTrajectory {
    var columns: [String] = []
    let (growing, rows) = try GrowingFile.resume(path) { file, count -> SnapshotRows? in
      let contents = try TrajectoryContents(file)
      guard case .rows(let weights) = contents.source, count <= contents.count else { return nil }
      columns = contents.columns.map(\.name)
      return SnapshotRows(
        weights: weights, buffers: contents.buffers, columns: contents.columns.map(\.dataset),
        count: count)
    } extend: {
      try $0.extend(to: $1)
    }
    return GrowingTrajectory(growing, rows, columns: columns)
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
    try growing.append { row in
      try rows.extend(to: row + 1)
      try rows.writeWeights(weights, row: row)
      try rows.writeBuffers(buffers, row: row)
      try rows.writeColumns(columns, row: row)
    }
  }

  // MARK: State

  /// What `settings` was at creation; nil on standard output.
  public var settings: String? { growing.state?.settings }
  /// Whether a state has been saved.
  public var hasState: Bool { growing.state?.current ?? -1 >= 0 }
  /// The numbers of the saved state; empty where there is none.
  public func stateScalars() throws -> [String: Double] { try growing.state?.scalars() ?? [:] }

  /// Reads a vector of the saved state.
  ///
  /// - Throws: `FileError` of kind `wrongData` where there is none of that name and length.
  public func readState(_ name: String, into vector: inout WeightVector) throws {
    guard let state = growing.state else { return }
    try unsafe vector.withUnsafeMutableBufferPointer { try unsafe state.read(name, into: $0) }
  }

  /// Writes a vector of the next state; it counts once `commitState` has returned.
  public func writeState(_ name: String, _ vector: borrowing WeightVector) throws {
    guard let state = growing.state else { return }
    try growing.guarded {
      try unsafe vector.withUnsafeBufferPointer { try unsafe state.write(name, from: $0) }
    }
  }

  /// Makes the vectors written since the last call, these numbers, and the present number of
  /// snapshots the state to resume from. Every vector must have been written.
  public func commitState(scalars: [String: Double]) throws {
    try growing.commitState(scalars: scalars)
  }

  /// Closes the file; on standard output it is written out now.
  public func finish() throws { try growing.finish() }
}
