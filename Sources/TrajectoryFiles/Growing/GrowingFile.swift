import Files
import HDF5

/// A file that a running command extends by one snapshot at a time: what all such files share.
///
/// Every snapshot that `append` has returned from can be read after `kill -9` or on a full disk: the
/// rows are written and flushed first, then `committed` counts them, and readers never look past it.
/// Nothing of the file moves or becomes shorter while it grows, and all its objects are there before
/// it has a name: no moment at which it ends is one at which it cannot be read. It grows as a part, and
/// takes its own name when the command is done: what has the name `run.h5` is a whole run.
///
/// What the command needs to go on is kept under `state/` in two slots that are written alternately;
/// `state/current` names the whole one. On standard output, where nobody can resume, and where it is
/// not to grow, the file appears at the end and no state is kept.
///
/// `Rows` is what has a row for each snapshot.
final class GrowingFile<Rows> {
  /// What is open of a file.
  struct Parts {
    let file: HDF5File
    let rows: Rows
    let committed: CommittedCount
    let state: ResumeState?
  }

  private var parts: Parts
  /// How many snapshots are saved.
  private(set) var count: Int
  /// Nil where the file was there before.
  private let output: AtomicOutput?
  /// The names of a file that can be seen while it grows; nil where it appears at the end.
  private let part: PartFile?
  /// Whether the file has the part's name now, and not the result's.
  private var isPart: Bool
  private let lock: WriterLock?
  /// Opens for writing what has been opened for reading; nil where nothing is left to open.
  private var reopen: (() throws -> Parts)?

  private var isVisible: Bool { part != nil }
  var file: HDF5File { parts.file }
  var rows: Rows { parts.rows }
  var state: ResumeState? { parts.state }

  private init(
    _ parts: Parts, count: Int = 0, output: AtomicOutput? = nil, part: PartFile?, isPart: Bool,
    lock: WriterLock? = nil, reopen: (() throws -> Parts)? = nil
  ) {
    self.parts = parts
    self.count = count
    self.output = output
    self.part = part
    self.isPart = isPart
    self.lock = lock
    self.reopen = reopen
  }

  /// Creates the file; where it grows its part appears at once, without snapshots, in the place of an
  /// older one.
  ///
  /// - Parameters:
  ///   - rows: creates what has a row for each snapshot, with the place of the first one where it is
  ///     told that the file grows: an index begun later could be found half written.
  ///   - state: creates the state, where one is kept.
  /// - Throws: `FileError`: `cannotCreate`, `inputOutput`, and what `rows` throws.
  static func create(
    _ target: OutputTarget, architecture: String?, history: [String]?, grows: Bool = true,
    rows: (HDF5File, _ grows: Bool) throws -> Rows, state: (HDF5File) throws -> ResumeState
  ) throws -> GrowingFile {
    let part = grows ? target.part : nil
    // A name that cannot be taken at the end is said now.
    var output = try AtomicOutput(target.path)
    try output.refuseOtherFormats()
    if let part { output = try AtomicOutput(part.path) }
    let file = try output.createFile(grows: grows && part != nil)
    try writeHeader(of: file, architecture: architecture, history: history)
    let rows = try rows(file, part != nil)
    let committed = try CommittedCount.create(in: file)
    let state = try part != nil ? state(file) : nil
    if let part {
      if history != nil { try LaterCommands.create(in: file) }
      try file.takeForWriting()
      try file.flush()
      try output.publish()
      part.hold()
    }
    return GrowingFile(
      Parts(file: file, rows: rows, committed: committed, state: state), output: output, part: part,
      isPart: part != nil)
  }

  /// Opens the part of an interrupted run, or the file of a finished one, which then stands where it was
  /// when its state was saved. Only what is saved next is written to it; a finished one is a part again
  /// from then on.
  ///
  /// - Parameters:
  ///   - command: this command's line, for the file's history; nil to leave it out.
  ///   - rows: opens what has a row for each snapshot, of which there are at least as many as it is
  ///     told.
  ///   - state: opens the state, and refuses that of another run.
  /// - Returns: nil where there is no file, or no state was saved before the run stopped, so that it has
  ///   to start anew.
  /// - Throws: `FileError`, such as `wrongData` where the file keeps no state or does not fit the run.
  static func resume(
    _ part: PartFile, command: String?, rows: @escaping (HDF5File, Int) throws -> Rows,
    state: @escaping (HDF5File) throws -> ResumeState
  ) throws -> GrowingFile? {
    guard let path = try part.found() else { return nil }
    let lock = try WriterLock(path)
    part.hold(path)
    func open(_ path: String, writable: Bool) throws -> Parts? {
      let file = try HDF5File.open(path, writable: writable)
      if writable { try file.claimWholeFile() }
      guard file.exists(DatasetName.state("current").path) else {
        throw FileError(
          .wrongData, file: path, "keeps no state to resume from; only an interrupted run can go on"
        )
      }
      let state = try state(file)
      guard state.current >= 0 else { return nil }
      let committed = try CommittedCount.open(in: file)
      guard state.committed <= (try committed.get()) else {
        throw FileError(
          .wrongData, file: path, object: DatasetName.committed.path,
          "is less than the \(state.committed) snapshots that the state belongs to")
      }
      return Parts(
        file: file, rows: try rows(file, state.committed), committed: committed, state: state)
    }
    guard let parts = try open(path, writable: false) else { return nil }
    return GrowingFile(
      parts, count: parts.state?.committed ?? 0, part: part, isPart: path == part.path, lock: lock,
      reopen: {
        try part.reopen()
        guard let parts = try open(part.path, writable: true) else {
          throw FileError(.wrongData, file: path, object: DatasetName.state.path, "has changed")
        }
        if let command, try !holds(LaterCommands.history(of: parts.file), command) {
          try LaterCommands(in: parts.file)?.add(command)
        }
        return parts
      })
  }

  /// Opens what is there for writing, and takes the snapshots back that are younger than the state.
  private func prepareToWrite() throws {
    guard let reopen else { return }
    self.reopen = nil
    try file.close()
    parts = try reopen()
    isPart = true
    if try parts.committed.get() != count {
      try parts.committed.set(count)
      try file.flush()
    }
  }

  /// Saves a snapshot, which `write` makes room for and writes. When it returns, the snapshot stays
  /// readable whatever happens to the process.
  ///
  /// - Throws: `FileError` of kind `inputOutput`, such as on a full disk; the file then stays as it
  ///   was, and must not be used any further.
  func append(_ write: (_ rows: Rows, _ row: Int) throws -> Void) throws {
    try guarded {
      try write(rows, count)
      if isVisible {
        try file.flush()
        try parts.committed.set(count + 1)
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
    try guarded {
      guard let state else { return }
      try writeVectors(state)
      try state.writeScalars(scalars, committed: count)
      try file.flush()
      try state.switchSlots()
      try file.flush()
    }
  }

  /// Closes the file, which is whole now and takes its name.
  func finish() throws {
    // A part that ended just before it took its name may hold snapshots behind its state.
    if reopen != nil, isPart, try parts.committed.get() != count {
      try guarded {}
    }
    if reopen != nil {
      // Nothing was saved since it was opened.
      try file.close()
    } else {
      if !isVisible { try parts.committed.set(count) }
      try guarded {
        if isVisible { try file.flush() }
        try file.close()
      }
    }
    guard let part else { return try output?.commit() ?? () }
    if isPart { try part.complete() }
  }

  /// After a failure: a run that had not saved anything leaves no file.
  func removeIfEmpty() {
    if isVisible, count == 0, state?.current ?? -1 < 0 { output?.withdraw() }
  }

  /// Runs `body`, which writes. After a failure nothing more may reach the file: what is on disk is
  /// whole, what is in memory is not.
  func guarded(_ body: () throws -> Void) throws {
    do {
      try prepareToWrite()
      try body()
    } catch {
      file.abandon()
      throw error
    }
  }
}
