import HDF5

/// The dataset `committed`: how many snapshots of a file are whole. Readers never look past it.
struct CommittedCount {
  private let dataset: HDF5Dataset

  /// Creates it in a file without snapshots.
  static func create(in file: HDF5File) throws -> CommittedCount {
    let count = CommittedCount(
      dataset: try file.createDataset(
        DatasetName.committed.path, type: .int64, shape: [], allocateNow: true))
    try count.set(0)
    return count
  }

  /// Opens it for writing.
  ///
  /// - Throws: `FileError` of kind `wrongData` where it is no single whole number.
  static func open(in file: HDF5File) throws -> CommittedCount {
    let dataset = try file.dataset(DatasetName.committed.path)
    guard dataset.shape == [], dataset.type == .int64, try !dataset.isCompressed() else {
      throw dataset.problem("should be one whole number")
    }
    return CommittedCount(dataset: dataset)
  }

  func get() throws -> Int { Int(try dataset.read(Int64.self)[0]) }

  /// What a file says; nil where it says nothing.
  static func read(in file: HDF5File) throws -> Int64? {
    guard file.exists(DatasetName.committed.path) else { return nil }
    return try file.dataset(DatasetName.committed.path).read(Int64.self).first ?? 0
  }

  func set(_ count: Int) throws { try dataset.write([Int64(count)]) }
}
