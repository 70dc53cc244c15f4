import Files
import HDF5

/// A file that a running command extends by one snapshot at a time: what all such files share.
///
/// Every snapshot that `append` has returned from can be read after `kill -9` or on a full disk: the
/// rows are written and flushed first, then `committed` counts them, and readers never look past it.
/// What the command needs to go on is kept under `state/` in two slots that are written alternately;
/// `state/current` names the whole one. On standard output, where nobody can resume, and where it is
/// not to grow, the file appears at the end and no state is kept.
final class GrowingFile {
  let file: HDF5File
  let state: ResumeState?
  /// How many snapshots are saved.
  private(set) var count: Int
  private let output: AtomicOutput?
  private let committed: CommittedCount
  /// Whether the file has its name while it grows.
  private let isVisible: Bool

  private init(
    _ file: HDF5File, output: AtomicOutput?, committed: CommittedCount, state: ResumeState?,
    isVisible: Bool, count: Int
  ) {
    self.file = file
    self.output = output
    self.committed = committed
    self.state = state
    self.isVisible = isVisible
    self.count = count
  }

  /// Creates the file, replacing what has that name; where it grows it appears at once, without
  /// snapshots.
  ///
  /// - Parameters:
  ///   - rows: creates what has a row for each snapshot.
  ///   - state: creates the state, where one is kept.
  /// - Throws: `FileError`: `cannotCreate`, `inputOutput`, and what `rows` throws.
  static func create<Rows>(
    _ target: OutputTarget, architecture: String?, history: [String]?, grows: Bool = true,
    rows: (HDF5File) throws -> Rows, state: (HDF5File) throws -> ResumeState
  ) throws -> (GrowingFile, Rows) {
    let output = try AtomicOutput(target.path)
    let file = try output.createFile()
    try writeHeader(of: file, architecture: architecture, history: history)
    let rows = try rows(file)
    let committed = try CommittedCount.create(in: file)
    let isVisible = grows && output.isRegularFile
    let state = try isVisible ? state(file) : nil
    if isVisible {
      try file.flush()
      try output.publish()
      try file.takeForWriting()
    }
    let growing = GrowingFile(
      file, output: output, committed: committed, state: state, isVisible: isVisible, count: 0)
    return (growing, rows)
  }

  /// Opens the file of an interrupted run, and cuts it back to the snapshots that were saved when its
  /// state was.
  ///
  /// - Parameters:
  ///   - parts: what else the file must have.
  ///   - rows: opens what has a row for each snapshot, of which there are at least as many as it is
  ///     told; nil where they do not fit.
  ///   - extend: gives that so many rows.
  /// - Throws: `FileError`, such as `wrongData` where the file keeps no state.
  static func resume<Rows>(
    _ path: String, parts: [DatasetName] = [], rows: (HDF5File, Int) throws -> Rows?,
    extend: (Rows, Int) throws -> Void
  ) throws -> (GrowingFile, Rows) {
    let file = try HDF5File.open(path, writable: true)
    try file.takeForWriting()
    try file.claimWholeFile()
    guard ([.state("current")] + parts).allSatisfy({ file.exists($0.path) }) else {
      throw FileError(
        .wrongData, file: path, "keeps no state to resume from; only an interrupted run can go on")
    }
    let state = try ResumeState.open(in: file)
    let count = state.committed
    guard let rows = try rows(file, count) else {
      throw FileError(
        .wrongData, file: path, object: DatasetName.state.path, "does not fit the snapshots")
    }
    let committed = try CommittedCount.open(in: file)
    try committed.set(count)
    try file.flush()
    try extend(rows, count)
    try file.flush()
    let growing = GrowingFile(
      file, output: nil, committed: committed, state: state, isVisible: true, count: count)
    return (growing, rows)
  }

  /// Saves a snapshot, which `write` extends the rows by and writes. When it returns, the snapshot
  /// stays readable whatever happens to the process.
  ///
  /// - Throws: `FileError` of kind `inputOutput`, such as on a full disk; the file then stays as it
  ///   was, and must not be used any further.
  func append(_ write: (_ row: Int) throws -> Void) throws {
    try guarded {
      try write(count)
      if isVisible {
        try file.flush()
        try committed.set(count + 1)
        try file.flush()
      }
    }
    count += 1
  }

  /// Makes the vectors written since the last call, these numbers, and the present number of
  /// snapshots the state to resume from. Every vector must have been written.
  func commitState(
    scalars: [String: Double], _ writeVectors: (ResumeState) throws -> Void = { _ in }
  ) throws {
    guard let state else { return }
    try guarded {
      try writeVectors(state)
      try state.writeScalars(scalars, committed: count)
      try file.flush()
      try state.switchSlots()
      try file.flush()
    }
  }

  /// Closes the file; where it was not visible it appears now.
  func finish() throws {
    if !isVisible { try committed.set(count) }
    try guarded { try file.close() }
    if !isVisible { try output?.commit() }
  }

  /// After a failure nothing more may reach the file: what is on disk is whole, what is in memory is
  /// not.
  func guarded(_ body: () throws -> Void) throws {
    do { try body() } catch {
      file.abandon()
      throw error
    }
  }
}
