import Files
import HDF5
import WeightSpace

// Opening what has a row for each snapshot, to add rows to it: found by name, and exactly as a run
// would have created it.
extension HDF5File {
  /// - Parameters:
  ///   - row: the shape of a row.
  ///   - rows: how many there are at least.
  /// - Throws: `FileError` of kind `wrongData`, naming the dataset that is missing or does not fit.
  func growingDataset(
    _ path: String, type: ElementType, row: [Int], rows: Int
  ) throws -> HDF5Dataset {
    guard exists(path) else {
      throw FileError(
        .wrongData, file: name, object: path, "missing, but the run that goes on writes it")
    }
    let dataset = try dataset(path)
    guard dataset.type == type else {
      throw dataset.problem("holds other numbers than the \(type) that the run writes")
    }
    guard dataset.shape.count == 1 + row.count, Array(dataset.shape.dropFirst()) == row else {
      throw dataset.problem(
        "a row has shape \(dataset.shape.dropFirst()), but the run writes \(row)")
    }
    guard dataset.shape[0] >= rows else {
      throw dataset.problem("has \(dataset.shape[0]) snapshots instead of \(rows)")
    }
    if let obstacle = try dataset.obstacleToGrowth() {
      throw dataset.problem("\(obstacle), so that the run cannot add snapshots to it")
    }
    return dataset
  }

  /// Refuses a group that has other members than these.
  func requireMembers(_ names: [String], of group: String) throws {
    let known = Set(names.map { Array($0.utf8) })
    for child in try children(of: group) where !known.contains(Array(child.name.utf8)) {
      throw FileError(
        .wrongData, file: name, object: "\(group)/\(child.name)",
        "the run that goes on does not write this; remove it, or choose another -o")
    }
  }
}

extension TensorGroup {
  /// Opens the group of a file, one dataset [rows, shape…] for each slot.
  static func growing(
    _ group: GroupName, layout: VectorLayout, in file: HDF5File, rows: Int
  ) throws -> TensorGroup {
    let datasets = try layout.slots.map {
      try file.growingDataset(
        group.path(of: $0.name), type: .float32, row: $0.shape, rows: rows)
    }
    try file.requireMembers(layout.slots.map(\.name), of: group.path)
    return TensorGroup(layout: layout, datasets: datasets, hasRows: true)
  }
}

/// Opens the snapshots' numbers, in that order.
func growingColumns(_ names: [String], in file: HDF5File, rows: Int) throws -> [HDF5Dataset] {
  let columns = try names.map {
    try file.growingDataset(DatasetName.snapshots($0).path, type: .float64, row: [], rows: rows)
  }
  try file.requireMembers(names, of: DatasetName.snapshots.path)
  return columns
}
