import Files
import HDF5
import WeightSpace

/// The affine trajectory of a running sampler: `shift/` and `components/` are written at first, then
/// it grows by the coordinates of a snapshot at a time.
///
/// As with `GrowingTrajectory`, every snapshot that `append` has returned from can be read after
/// `kill -9` or on a full disk, and `state/` keeps what the sampler needs to go on. On standard
/// output, where nobody can resume, the file appears at the end and no state is kept; so it does where
/// it is not to grow.
public final class GrowingAffineTrajectory {
  private let output: AtomicOutput?
  private let file: HDF5File
  private let coordinates: HDF5Dataset
  private let columns: [HDF5Dataset]
  private let committed: HDF5Dataset
  private let state: ResumeState?
  private let isVisible: Bool
  /// k, the number of components.
  public let rank: Int
  /// How many snapshots are saved.
  public private(set) var count: Int

  private init(
    output: AtomicOutput?, file: HDF5File, coordinates: HDF5Dataset, columns: [HDF5Dataset],
    committed: HDF5Dataset, state: ResumeState?, isVisible: Bool, count: Int
  ) {
    self.output = output
    self.file = file
    self.coordinates = coordinates
    self.columns = columns
    self.committed = committed
    self.state = state
    self.isVisible = isVisible
    self.count = count
    rank = coordinates.shape[1]
  }

  /// Creates the file in the subspace of another one, replacing what has that name; where it is to
  /// grow it appears as an empty trajectory at once.
  ///
  /// - Parameters:
  ///   - subspace: a reader of the groups `shift` and `components`, which are copied.
  ///   - columns: the names of the snapshots' numbers, such as "log_posterior".
  ///   - expected: how many snapshots there will be; keeps small files small.
  ///   - grows: keep a state and let the file appear at once.
  ///   - state: name and length of each vector of the state.
  ///   - settings: a text that says which run this is, for `resume` to compare.
  /// - Throws: `FileError`: `cannotCreate`, `inputOutput`, and what reading the subspace throws.
  public static func create(
    _ target: OutputTarget, copying subspace: TensorFileReader, architecture: String?,
    history: [String]?, columns: [String], expected: Int, grows: Bool,
    state vectors: [(name: String, count: Int)] = [], stateScalars: [String] = [],
    settings: String = ""
  ) throws -> GrowingAffineTrajectory {
    let output = try AtomicOutput(target.path)
    let file = try output.createFile()
    try writeHeader(of: file, architecture: architecture, history: history)
    let rank = try subspace.rows(of: "components")
    let shift = try TensorGroup.createWithoutRows("shift", layout: subspace.layout, in: file)
    let components = try TensorGroup.create(
      "components", layout: subspace.layout, in: file, rows: rank, expected: rank, allocate: true)
    try copy(subspace, "shift", rows: 1, to: shift)
    try copy(subspace, "components", rows: rank, to: components)
    let length = max(1, min(expected, 512))
    let coordinates = try file.createDataset(
      "coordinates", type: .float64, shape: [0, rank], maxShape: [nil, rank],
      chunk: [length, rank])
    try file.createGroup("snapshots")
    let datasets = try columns.map { name in
      try file.createDataset(
        "snapshots/\(name)", type: .float64, shape: [0], maxShape: [nil], chunk: [length])
    }
    let committed = try file.createDataset(
      "committed", type: .int64, shape: [], allocateNow: true)
    try committed.write([0] as [Int64])
    var state: ResumeState?
    let isVisible = grows && output.isRegularFile
    if isVisible {
      state = try ResumeState.create(
        in: file, vectors: [], doubles: vectors, scalars: stateScalars, settings: settings)
      try file.flush()
      try output.publish()
      try file.takeForWriting()
    }
    return GrowingAffineTrajectory(
      output: output, file: file, coordinates: coordinates, columns: datasets,
      committed: committed, state: state, isVisible: isVisible, count: 0)
  }

  private static func copy(
    _ source: TensorFileReader, _ group: String, rows: Int, to target: TensorGroup
  ) throws {
    let width = 1 << 18
    var block = WeightVector(count: min(width, source.layout.count))
    for row in 0..<rows {
      for start in stride(from: 0, to: source.layout.count, by: width) {
        let part = start..<min(start + width, source.layout.count)
        try block.withMutableSpan(0..<part.count) {
          try source.readColumns(part, of: group, row: row, into: &$0)
        }
        try unsafe block.withUnsafeBufferPointer {
          try unsafe target.write(
            row: row, columns: part, from: UnsafeBufferPointer(rebasing: $0[0..<part.count]))
        }
      }
    }
  }

  /// Opens the file of an interrupted sampler, and cuts it back to the snapshots that were saved when
  /// its state was.
  ///
  /// - Parameter columns: the names of the snapshots' numbers.
  /// - Throws: `FileError`, such as `wrongData` where the file keeps no state.
  public static func resume(_ path: String, columns: [String]) throws -> GrowingAffineTrajectory {
    let file = try HDF5File.open(path, writable: true)
    try file.takeForWriting()
    try file.claimWholeFile()
    guard file.exists("state/current"), file.exists("coordinates") else {
      throw FileError(
        .wrongData, file: path, "keeps no state to resume from; only an interrupted run can go on")
    }
    let state = try ResumeState.open(in: file)
    let coordinates = try file.dataset("coordinates")
    let datasets = try columns.map { try file.dataset("snapshots/\($0)") }
    guard coordinates.shape.count == 2, state.committed <= coordinates.shape[0],
      datasets.allSatisfy({ $0.shape.count == 1 && $0.shape[0] >= state.committed })
    else { throw FileError(.wrongData, file: path, object: "state", "does not fit the snapshots") }
    let trajectory = GrowingAffineTrajectory(
      output: nil, file: file, coordinates: coordinates, columns: datasets,
      committed: try file.dataset("committed"), state: state, isVisible: true,
      count: state.committed)
    try trajectory.committed.write([Int64(state.committed)])
    try file.flush()
    try trajectory.extend(to: state.committed)
    try file.flush()
    return trajectory
  }

  private func extend(to rows: Int) throws {
    try coordinates.extend(to: [rows, rank])
    for column in columns { try column.extend(to: [rows]) }
  }

  /// Saves a snapshot. When it returns, the snapshot stays readable whatever happens to the process.
  ///
  /// - Parameters:
  ///   - point: its coordinates.
  ///   - numbers: one for each column.
  /// - Throws: `FileError` of kind `inputOutput`, such as on a full disk; the trajectory then stays as
  ///   it was, and must not be used any further.
  public func append(_ point: [Double], columns numbers: [Double]) throws {
    precondition(point.count == rank && numbers.count == columns.count, "a number for each")
    try guarded {
      try extend(to: count + 1)
      try coordinates.write(point, start: [count, 0], count: [1, rank])
      for (column, number) in zip(columns, numbers) {
        try column.write([number], start: [count], count: [1])
      }
      if isVisible {
        try file.flush()
        try committed.write([Int64(count + 1)])
        try file.flush()
      }
    }
    count += 1
  }

  /// The coordinates of all snapshots, [count, k] row-major.
  public func allCoordinates() throws -> [Double] {
    try coordinates.read(Double.self, start: [0, 0], count: [count, rank])
  }

  /// The numbers of column i of all snapshots.
  public func numbers(ofColumn i: Int) throws -> [Double] {
    try columns[i].read(Double.self, start: [0], count: [count])
  }

  /// Sets a dataset of numbers of that shape under `diagnostics/`; one of the same name must have the
  /// same shape.
  public func setDiagnostic(_ name: String, _ values: [Double], shape: [Int]) throws {
    let path = "diagnostics/\(name)"
    try guarded {
      let dataset: HDF5Dataset
      if file.exists(path) {
        dataset = try file.dataset(path)
      } else {
        try file.createGroup("diagnostics")
        dataset = try file.createDataset(path, type: .float64, shape: shape, allocateNow: true)
      }
      guard dataset.shape == shape else { throw dataset.problem("should be \(shape)") }
      try dataset.write(values)
    }
  }

  // MARK: State

  /// What `settings` was at creation; nil where no state is kept.
  public var settings: String? { state?.settings }
  /// Whether a state has been saved.
  public var hasState: Bool { state?.current ?? -1 >= 0 }
  /// The numbers of the saved state; empty where there is none.
  public func stateScalars() throws -> [String: Double] { try state?.scalars() ?? [:] }

  /// A vector of the saved state.
  ///
  /// - Throws: `FileError` of kind `wrongData` where there is none of that name and length.
  public func readState(_ name: String, count: Int) throws -> [Double] {
    guard let state else { return [] }
    return try state.read(name, count: count)
  }

  /// Makes these vectors, which must be all, and numbers and the present number of snapshots the
  /// state to resume from.
  public func commitState(_ vectors: [String: [Double]], scalars: [String: Double]) throws {
    guard let state else { return }
    try guarded {
      for (name, values) in vectors { try state.write(name, values) }
      try state.writeScalars(scalars, committed: count)
      try file.flush()
      try state.switchSlots()
      try file.flush()
    }
  }

  /// Closes the file; where it was not visible it appears now.
  public func finish() throws {
    if !isVisible { try committed.write([Int64(count)]) }
    try guarded { try file.close() }
    if !isVisible { try output?.commit() }
  }

  /// After a failure nothing more may reach the file: what is on disk is whole, what is in memory is
  /// not.
  private func guarded(_ body: () throws -> Void) throws {
    do { try body() } catch {
      file.abandon()
      throw error
    }
  }
}
