import Files
import HDF5
import WeightSpace

/// What a file holds, before snapshots are selected.
struct TrajectoryContents {
  let source: SnapshotSource
  let buffers: TensorGroup?
  let carried: [CarriedTensor]
  let columns: [(name: String, dataset: HDF5Dataset)]
  /// How many snapshots are whole.
  let count: Int

  /// - Parameter isStrict: whether statistics that nothing marks as such are an error.
  init(_ file: HDF5File, isStrict: Bool = true) throws {
    guard let kind = try file.kind(in: .weightspace) else {
      let found = try StateDictWalk(file, isStrict: isStrict)
      source = .rows(found.weights)
      buffers = found.buffers
      carried = found.carried
      columns = []
      count = 1
      return
    }
    guard let known = FileKind(rawValue: kind), known == .trajectory || known == .curve else {
      throw FileError(
        .wrongData, file: file.name, "holds \(kind), but a trajectory is expected here")
    }
    // Before the extents: a file that is being written to has at least so many rows from now on.
    let committed = try CommittedCount.read(in: file)
    let extent: Int
    if file.exists(DatasetName.coordinates.path) {
      let affine = try AffineSource(file, committed: committed)
      source = .affine(affine)
      carried = []
      extent = affine.count
    } else {
      guard file.exists(GroupName.weights.path) else {
        throw FileError(.wrongData, file: file.name, object: GroupName.weights.path, "missing")
      }
      source = .rows(try tensorGroup(.weights, in: file))
      extent = try source.rowCount(file)
      carried = try file.carriedTensors()
    }
    if let committed {
      guard committed >= 0 && committed <= extent else {
        throw FileError(
          .wrongData, file: file.name, object: DatasetName.committed.path,
          "counts \(committed) snapshots, but there are \(extent)")
      }
      count = Int(committed)
    } else {
      count = extent
    }
    guard count <= Self.greatestCount else {
      throw FileError(.wrongData, file: file.name, "claims \(count) snapshots, too many to be true")
    }
    let statistics =
      file.exists(GroupName.buffers.path) ? try tensorGroup(.buffers, in: file) : nil
    buffers = statistics.flatMap { $0.datasets.isEmpty ? nil : $0 }
    if case .rows(let weights) = source { try weights.checkStored(rows: count) }
    if let buffers {
      try buffers.checkRows(atLeast: count)
      try buffers.checkStored(rows: count)
    }
    columns = try Self.columns(of: file, rows: count)
  }

  /// Indices of more would not fit any memory.
  private static let greatestCount = 1 << 27

  /// The snapshots' numbers; texts, which somebody added, are passed over.
  private static func columns(
    of file: HDF5File, rows: Int
  ) throws -> [(name: String, dataset: HDF5Dataset)] {
    guard file.exists(DatasetName.snapshots.path) else { return [] }
    return try file.children(of: DatasetName.snapshots.path).compactMap { child in
      guard child.kind == .dataset else { return nil }
      let dataset = try file.member(DatasetName.snapshots(child.name).path)
      guard dataset.type != nil, dataset.shape.count == 1, dataset.shape[0] >= rows
      else { return nil }
      try dataset.checkStored(rows: rows)
      return (child.name, dataset)
    }
  }
}
