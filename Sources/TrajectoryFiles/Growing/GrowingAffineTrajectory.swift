import Files
import HDF5
import WeightSpace

/// The affine trajectory of a running sampler: `shift/` and `components/` are written at first, then
/// it grows by the coordinates of a snapshot at a time.
///
/// `GrowingFile` says what stays of it whatever happens, and how it goes on.
public final class GrowingAffineTrajectory {
  /// What has a row for each snapshot.
  private struct Rows {
    let coordinates: HDF5Dataset
    let columns: [HDF5Dataset]

    func extend(to rows: Int) throws {
      try coordinates.extendRows(to: rows)
      for column in columns { try column.extendRows(to: rows) }
    }
  }

  /// What is in the file of a run, by names: of its trajectory, and of the state to resume from.
  public struct Parts {
    /// The names of the snapshots' numbers, such as "log_posterior".
    public var columns: [String]
    /// Datasets of numbers under `diagnostics/`, NaN until they are set.
    public var diagnostics: [(name: String, shape: [Int])]
    /// Name and length of each vector of the state.
    public var stateVectors: [(name: String, count: Int)]
    /// The names of the state's numbers.
    public var stateScalars: [String]

    public init(
      columns: [String], diagnostics: [(name: String, shape: [Int])] = [],
      stateVectors: [(name: String, count: Int)] = [], stateScalars: [String] = []
    ) {
      self.columns = columns
      self.diagnostics = diagnostics
      self.stateVectors = stateVectors
      self.stateScalars = stateScalars
    }

    var state: ResumeState.Contents {
      ResumeState.Contents(type: .float64, vectors: stateVectors, scalars: stateScalars)
    }
  }

  private let growing: GrowingFile<Rows>
  private let diagnostics: [String: [Int]]
  /// k, the number of components.
  public var rank: Int { growing.rows.coordinates.shape[1] }
  /// The file's name for messages.
  public var name: String { growing.file.name }

  /// How many snapshots are saved.
  public var count: Int { growing.count }

  private init(_ growing: GrowingFile<Rows>, _ parts: Parts) {
    self.growing = growing
    diagnostics = Dictionary(
      uniqueKeysWithValues: parts.diagnostics.map { ($0.name, $0.shape) })
  }

  /// Creates the file in the subspace of another one; where it is to grow its part appears as an empty
  /// trajectory at once, in the place of an older one.
  ///
  /// - Parameters:
  ///   - subspace: a reader of the groups `shift` and `components`, which are copied.
  ///   - expected: how many snapshots there will be; keeps small files small.
  ///   - grows: keep a state and let the file appear at once.
  ///   - settings: a text that says which run this is, for `resume` to compare.
  /// - Throws: `FileError`: `cannotCreate`, `inputOutput`, and what reading the subspace throws.
  public static func create(
    _ target: OutputTarget, _ parts: Parts, copying subspace: TensorFileReader,
    architecture: String?, history: [String]?, expected: Int, grows: Bool, settings: String = ""
  ) throws -> GrowingAffineTrajectory {
    let growing = try GrowingFile.create(
      target, architecture: architecture, history: history, grows: grows
    ) { file, grows in
      let rank = try subspace.rows(of: .components)
      let shift = try TensorGroup.createWithoutRows(.shift, layout: subspace.layout, in: file)
      let components = try TensorGroup.create(
        .components, layout: subspace.layout, in: file, rows: rank, expected: rank,
        allocate: true)
      try copy(subspace, .shift, rows: 1, to: shift)
      try copy(subspace, .components, rows: rank, to: components)
      let rows = try createRows(
        in: file, parts.columns, rank: rank, length: max(1, min(expected, 512)), grows: grows)
      if grows { try createDiagnostics(parts, in: file) }
      return rows
    } state: { file in
      try ResumeState.create(in: file, parts.state, settings: settings)
    }
    return GrowingAffineTrajectory(growing, parts)
  }

  private static func createRows(
    in file: HDF5File, _ columns: [String], rank: Int, length: Int, grows: Bool
  ) throws -> Rows {
    let count = grows ? 1 : 0
    let coordinates = try file.createDataset(
      DatasetName.coordinates.path, type: .float64, shape: [count, rank], maxShape: [nil, rank],
      chunk: [length, rank], allocateNow: grows)
    try file.createGroup(DatasetName.snapshots.path)
    let columns = try columns.map { name in
      try file.createDataset(
        DatasetName.snapshots(name).path, type: .float64, shape: [count], maxShape: [nil],
        chunk: [length], allocateNow: grows)
    }
    return Rows(coordinates: coordinates, columns: columns)
  }

  private static func createDiagnostics(_ parts: Parts, in file: HDF5File) throws {
    for (name, shape) in parts.diagnostics {
      try file.createGroup(DatasetName.diagnostics.path)
      try file.createDataset(
        DatasetName.diagnostics(name).path, type: .float64, shape: shape, allocateNow: true
      ).write([Double](repeating: .nan, count: shape.reduce(1, *)))
    }
  }

  private static func copy(
    _ source: TensorFileReader, _ group: GroupName, rows: Int, to target: TensorGroup
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

  /// Opens the part of an interrupted sampler, or the file of a finished one, which then stands where it
  /// was when its state was saved. Nothing is written to it before something is saved.
  ///
  /// - Parameters:
  ///   - parts: what the run would have created, all of it found by name.
  ///   - subspace: a reader of the subspace that the run is in.
  ///   - command: this command's line, for the file's history.
  ///   - check: is given what `settings` was at creation and the file's name, and throws where that is
  ///     another run.
  /// - Returns: nil where there is no file, or no state was saved before the run stopped, so that it has
  ///   to start anew.
  /// - Throws: what `check` throws; `FileError`, such as `wrongData` where the file keeps no state or
  ///   does not fit the run.
  public static func resume(
    _ output: PartFile, _ parts: Parts, in subspace: TensorFileReader,
    command: String? = nil, check: @escaping (_ settings: String, _ file: String) throws -> Void
  ) throws -> GrowingAffineTrajectory? {
    let rank = try subspace.rows(of: .components)
    let layout = subspace.layout
    return try GrowingFile.resume(output, command: command) { file, count in
      for (group, hasRows) in [(GroupName.shift, false), (.components, true)] {
        let stored = try tensorGroup(group, in: file, hasRows: hasRows)
        _ = try stored.arranged(
          like: layout, named: subspace.name, file: file.name, in: group.path)
      }
      for (name, shape) in parts.diagnostics {
        let dataset = try file.dataset(DatasetName.diagnostics(name).path)
        guard dataset.shape == shape, dataset.type == .float64, try !dataset.isCompressed() else {
          throw dataset.problem("should be \(shape) of float64, uncompressed")
        }
      }
      return Rows(
        coordinates: try file.growingDataset(
          DatasetName.coordinates.path, type: .float64, row: [rank], rows: count),
        columns: try growingColumns(parts.columns, in: file, rows: count))
    } state: { file in
      try ResumeState.open(in: file, parts.state) { try check($0, file.name) }
    }.map { GrowingAffineTrajectory($0, parts) }
  }

  /// Saves a snapshot. When it returns, the snapshot stays readable whatever happens to the process.
  ///
  /// - Parameters:
  ///   - point: its coordinates.
  ///   - numbers: one for each column.
  /// - Throws: `FileError` of kind `inputOutput`, such as on a full disk; the trajectory then stays as
  ///   it was, and must not be used any further.
  public func append(_ point: [Double], columns numbers: [Double]) throws {
    try growing.append { rows, row in
      precondition(
        point.count == rank && numbers.count == rows.columns.count, "a number for each")
      try rows.extend(to: row + 1)
      try rows.coordinates.write(point, start: [row, 0], count: [1, rank])
      for (column, number) in zip(rows.columns, numbers) {
        try column.write([number], start: [row], count: [1])
      }
    }
  }

  /// The coordinates of all snapshots, [count, k] row-major.
  public func allCoordinates() throws -> [Double] {
    try growing.rows.coordinates.read(Double.self, start: [0, 0], count: [count, rank])
  }

  /// The numbers of column i of all snapshots.
  public func numbers(ofColumn i: Int) throws -> [Double] {
    try growing.rows.columns[i].read(Double.self, start: [0], count: [count])
  }

  /// Sets a dataset of numbers of that shape under `diagnostics/`; where it holds them already, nothing
  /// is written. A file that grows has those that it was created with, and no others.
  public func setDiagnostic(_ name: String, _ values: [Double], shape: [Int]) throws {
    let path = DatasetName.diagnostics(name).path
    if growing.state == nil {
      try growing.guarded {
        try growing.file.createGroup(DatasetName.diagnostics.path)
        try growing.file.createDataset(path, type: .float64, shape: shape, allocateNow: true)
          .write(values)
      }
      return
    }
    precondition(diagnostics[name] == shape, "a diagnostic that was not declared")
    let old = try growing.file.dataset(path).read(Double.self)
    guard !zip(old, values).allSatisfy({ $0.bitPattern == $1.bitPattern }) else { return }
    try growing.guarded { try growing.file.dataset(path).write(values) }
  }

  // MARK: State

  /// The numbers of the saved state; empty where there is none.
  public func stateScalars() throws -> [String: Double] { try growing.state?.scalars() ?? [:] }

  /// A vector of the saved state.
  ///
  /// - Throws: `FileError` of kind `wrongData` where there is none of that name and length.
  public func readState(_ name: String, count: Int) throws -> [Double] {
    try growing.state?.read(name, count: count) ?? []
  }

  /// Makes these vectors, which must be all, and numbers and the present number of snapshots the
  /// state to resume from.
  public func commitState(_ vectors: [String: [Double]], scalars: [String: Double]) throws {
    try growing.commitState(scalars: scalars) { state in
      for (name, values) in vectors { try state.write(name, values) }
    }
  }

  /// After a failure: a run that had not saved anything leaves no file.
  public func removeIfEmpty() { growing.removeIfEmpty() }

  /// Closes the file, which is whole now: it takes its name, or is written out.
  public func finish() throws { try growing.finish() }
}
