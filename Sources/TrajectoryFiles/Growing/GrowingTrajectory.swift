import Files
import WeightSpace

/// The trajectory of a running command: created in place, it grows by a snapshot at a time.
///
/// `GrowingFile` says what stays of it whatever happens, and how it goes on.
public final class GrowingTrajectory {
  /// What is in the file of a run, by names: of its trajectory, and of the state to resume from.
  public struct Parts {
    public var layout: VectorLayout
    /// Of the running statistics; nil where the trajectory has none.
    public var bufferLayout: VectorLayout?
    /// The names of the snapshots' numbers, such as "epoch".
    public var columns: [String]
    /// Name and length of each vector of the state.
    public var stateVectors: [(name: String, count: Int)]
    /// The names of the state's numbers.
    public var stateScalars: [String]

    public init(
      layout: VectorLayout, bufferLayout: VectorLayout? = nil, columns: [String] = [],
      stateVectors: [(name: String, count: Int)] = [], stateScalars: [String] = []
    ) {
      self.layout = layout
      self.bufferLayout = bufferLayout
      self.columns = columns
      self.stateVectors = stateVectors
      self.stateScalars = stateScalars
    }

    var state: ResumeState.Contents {
      ResumeState.Contents(type: .float32, vectors: stateVectors, scalars: stateScalars)
    }
  }

  private let growing: GrowingFile<SnapshotRows>

  public var layout: VectorLayout { growing.rows.weights.layout }
  public var bufferLayout: VectorLayout? { growing.rows.buffers?.layout }

  /// The file's name for messages.
  public var name: String { growing.file.name }

  /// How many snapshots are saved.
  public var count: Int { growing.count }

  private init(_ growing: GrowingFile<SnapshotRows>) { self.growing = growing }

  /// Creates the file; its part appears as an empty trajectory at once, in the place of an older one.
  ///
  /// - Parameters:
  ///   - expected: how many snapshots there will probably be, if known; keeps small files small.
  ///   - settings: a text that says which run this is, for `resume` to compare.
  /// - Throws: `FileError`: `cannotCreate`, `inputOutput`.
  public static func create(
    _ target: OutputTarget, _ parts: Parts, architecture: String? = nil, history: [String]? = nil,
    expected: Int? = nil, settings: String = ""
  ) throws -> GrowingTrajectory {
    GrowingTrajectory(
      try GrowingFile.create(target, architecture: architecture, history: history) {
        file, grows in
        try SnapshotRows.create(
          in: file, layout: parts.layout, bufferLayout: parts.bufferLayout, columns: parts.columns,
          count: grows ? 1 : 0, expected: expected, allocate: grows)
      } state: { file in
        try ResumeState.create(in: file, parts.state, settings: settings)
      })
  }

  /// Opens the part of an interrupted run, or the file of a finished one, which then stands where it was
  /// when its state was saved. Nothing is written to it before something is saved.
  ///
  /// - Parameters:
  ///   - parts: what the run would have created, all of it found by name.
  ///   - command: this command's line, for the file's history.
  ///   - check: is given what `settings` was at creation and the file's name, and throws where that is
  ///     another run.
  /// - Returns: nil where there is no file, or no state was saved before the run stopped, so that it has
  ///   to start anew.
  /// - Throws: what `check` throws; `FileError`, such as `wrongData` where the file keeps no state or
  ///   does not fit the run.
  public static func resume(
    _ output: PartFile, _ parts: Parts, command: String? = nil,
    check: @escaping (_ settings: String, _ file: String) throws -> Void
  ) throws -> GrowingTrajectory? {
    try GrowingFile.resume(output, command: command) { file, count in
      SnapshotRows(
        weights: try .growing(.weights, layout: parts.layout, in: file, rows: count),
        buffers: try parts.bufferLayout.map {
          try .growing(.buffers, layout: $0, in: file, rows: count)
        }, columns: try growingColumns(parts.columns, in: file, rows: count), count: count)
    } state: { file in
      try ResumeState.open(in: file, parts.state) { try check($0, file.name) }
    }.map { GrowingTrajectory($0) }
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
    try growing.append { rows, row in
      try rows.extend(to: row + 1)
      try rows.writeWeights(weights, row: row)
      try rows.writeBuffers(buffers, row: row)
      try rows.writeColumns(columns, row: row)
    }
  }

  // MARK: State

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
    try growing.guarded {
      try unsafe vector.withUnsafeBufferPointer {
        try unsafe growing.state?.write(name, from: $0)
      }
    }
  }

  /// Makes the vectors written since the last call, these numbers, and the present number of
  /// snapshots the state to resume from. Every vector must have been written.
  public func commitState(scalars: [String: Double]) throws {
    try growing.commitState(scalars: scalars)
  }

  /// After a failure: a run that had not saved anything leaves no file.
  public func removeIfEmpty() { growing.removeIfEmpty() }

  /// Closes the file, which is whole now: it takes its name, or is written out.
  public func finish() throws { try growing.finish() }
}
