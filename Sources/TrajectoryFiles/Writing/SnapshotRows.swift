import HDF5
import WeightSpace

/// The parts of a trajectory file that have a row for each snapshot, for writing: `weights/`,
/// `buffers/` and `snapshots/`.
final class SnapshotRows {
  let weights: TensorGroup
  let buffers: TensorGroup?
  let columns: [HDF5Dataset]
  /// The present number of rows.
  private(set) var count: Int

  init(
    weights: TensorGroup, buffers: TensorGroup?, columns: [HDF5Dataset], count: Int
  ) {
    self.weights = weights
    self.buffers = buffers
    self.columns = columns
    self.count = count
  }

  static func create(
    in file: HDF5File, layout: VectorLayout, bufferLayout: VectorLayout?, columns: [String],
    count: Int, expected: Int?, allocate: Bool
  ) throws -> SnapshotRows {
    let weights = try TensorGroup.create(
      .weights, layout: layout, in: file, rows: count, expected: expected, allocate: allocate)
    let buffers = try bufferLayout.map {
      try TensorGroup.create(
        .buffers, layout: $0, in: file, rows: count, expected: expected, allocate: allocate)
    }
    try file.createGroup(DatasetName.snapshots.path)
    let columns = try columns.map { name in
      try file.createDataset(
        DatasetName.snapshots(name).path, type: .float64, shape: [count], maxShape: [nil],
        chunk: [max(1, min(expected ?? 512, 512))], allocateNow: allocate)
    }
    return SnapshotRows(weights: weights, buffers: buffers, columns: columns, count: count)
  }

  /// Makes room for so many rows; those that are there stay.
  func extend(to count: Int) throws {
    try weights.extend(to: count)
    try buffers?.extend(to: count)
    for column in columns { try column.extendRows(to: count) }
    self.count = count
  }

  func writeWeights(_ vector: borrowing WeightVector, row: Int) throws {
    precondition(vector.count == weights.layout.count, "an element for each of the layout's")
    try unsafe vector.withUnsafeBufferPointer { try unsafe weights.write(row: row, from: $0) }
  }

  func writeBuffers(_ vector: borrowing WeightVector, row: Int) throws {
    guard let buffers else {
      precondition(vector.count == 0, "the trajectory has no buffers")
      return
    }
    precondition(vector.count == buffers.layout.count, "an element for each of the layout's")
    try unsafe vector.withUnsafeBufferPointer { try unsafe buffers.write(row: row, from: $0) }
  }

  func writeColumns(_ values: [Double], row: Int) throws {
    precondition(values.count == columns.count, "a number for each column")
    for (column, value) in zip(columns, values) {
      try column.write([value], start: [row], count: [1])
    }
  }
}
