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
      try coordinates.extend(to: [rows, coordinates.shape[1]])
      for column in columns { try column.extend(to: [rows]) }
    }
  }

  private let growing: GrowingFile
  private let rows: Rows
  /// k, the number of components.
  public let rank: Int
  /// How many snapshots are saved.
  public var count: Int { growing.count }

  private init(_ growing: GrowingFile, _ rows: Rows) {
    self.growing = growing
    self.rows = rows
    rank = rows.coordinates.shape[1]
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
    let (growing, rows) = try GrowingFile.create(
      target, architecture: architecture, history: history, grows: grows
    ) { file in
      let rank = try subspace.rows(of: .components)
      let shift = try TensorGroup.createWithoutRows(.shift, layout: subspace.layout, in: file)
      let components = try TensorGroup.create(
        .components, layout: subspace.layout, in: file, rows: rank, expected: rank,
        allocate: true)
      try copy(subspace, .shift, rows: 1, to: shift)
      try copy(subspace, .components, rows: rank, to: components)
      let length = max(1, min(expected, 512))
      let coordinates = try file.createDataset(
        DatasetName.coordinates.path, type: .float64, shape: [0, rank], maxShape: [nil, rank],
        chunk: [length, rank])
      try file.createGroup(DatasetName.snapshots.path)
      let datasets = try columns.map { name in
        try file.createDataset(
          DatasetName.snapshots(name).path, type: .float64, shape: [0], maxShape: [nil],
          chunk: [length])
      }
      return Rows(coordinates: coordinates, columns: datasets)
    } state: { file in
      try ResumeState.create(
        in: file, vectors: [], doubles: vectors, scalars: stateScalars, settings: settings)
    }
    return GrowingAffineTrajectory(growing, rows)
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

  /// Opens the file of an interrupted sampler, and cuts it back to the snapshots that were saved when
  /// its state was.
  ///
  /// - Parameter columns: the names of the snapshots' numbers.
  /// - Throws: `FileError`, such as `wrongData` where the file keeps no state.
  public static func resume(_ path: String, columns: [String]) throws -> GrowingAffineTrajectory {
    let (growing, rows) = try GrowingFile.resume(path, parts: [.coordinates]) { file, count in
      let rows = Rows(
        coordinates: try file.dataset(DatasetName.coordinates.path),
        columns: try columns.map { try file.dataset(DatasetName.snapshots($0).path) })
      let fits =
        rows.coordinates.shape.count == 2 && count <= rows.coordinates.shape[0]
        && rows.columns.allSatisfy { $0.shape.count == 1 && $0.shape[0] >= count }
      return fits ? rows : nil
    } extend: {
      try $0.extend(to: $1)
    }
    return GrowingAffineTrajectory(growing, rows)
  }

  /// Saves a snapshot. When it returns, the snapshot stays readable whatever happens to the process.
  ///
  /// - Parameters:
  ///   - point: its coordinates.
  ///   - numbers: one for each column.
  /// - Throws: `FileError` of kind `inputOutput`, such as on a full disk; the trajectory then stays as
  ///   it was, and must not be used any further.
  public func append(_ point: [Double], columns numbers: [Double]) throws {
    precondition(point.count == rank && numbers.count == rows.columns.count, "a number for each")
    try growing.append { row in
      try rows.extend(to: row + 1)
      try rows.coordinates.write(point, start: [row, 0], count: [1, rank])
      for (column, number) in zip(rows.columns, numbers) {
        try column.write([number], start: [row], count: [1])
      }
    }
  }

  /// The coordinates of all snapshots, [count, k] row-major.
  public func allCoordinates() throws -> [Double] {
    try rows.coordinates.read(Double.self, start: [0, 0], count: [count, rank])
  }

  /// The numbers of column i of all snapshots.
  public func numbers(ofColumn i: Int) throws -> [Double] {
    try rows.columns[i].read(Double.self, start: [0], count: [count])
  }

  /// Sets a dataset of numbers of that shape under `diagnostics/`; one of the same name must have the
  /// same shape.
  public func setDiagnostic(_ name: String, _ values: [Double], shape: [Int]) throws {
    let path = DatasetName.diagnostics(name).path
    try growing.guarded {
      let file = growing.file
      let dataset: HDF5Dataset
      if file.exists(path) {
        dataset = try file.dataset(path)
      } else {
        try file.createGroup(DatasetName.diagnostics.path)
        dataset = try file.createDataset(path, type: .float64, shape: shape, allocateNow: true)
      }
      guard dataset.shape == shape else { throw dataset.problem("should be \(shape)") }
      try dataset.write(values)
    }
  }

  // MARK: State

  /// What `settings` was at creation; nil where no state is kept.
  public var settings: String? { growing.state?.settings }
  /// Whether a state has been saved.
  public var hasState: Bool { growing.state?.current ?? -1 >= 0 }
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

  /// Closes the file; where it was not visible it appears now.
  public func finish() throws { try growing.finish() }
}
