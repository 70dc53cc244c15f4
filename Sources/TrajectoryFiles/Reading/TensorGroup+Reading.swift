import Files
import HDF5
import WeightSpace

/// The datasets of a tensor group of one of our files, each with a leading axis of rows.
///
/// - Throws: `FileError` of kind `wrongData` for a member that is no tensor.
func tensorGroup(_ group: GroupName, in file: HDF5File, hasRows: Bool = true) throws -> TensorGroup
{
  var datasets: [HDF5Dataset] = []
  var tensors: [(name: String, shape: [Int])] = []
  for child in try file.children(of: group.path) {
    guard child.kind == .dataset else {
      throw FileError(
        .wrongData, file: file.name, object: group.path(of: child.name),
        "is no dataset, but only tensors are expected here")
    }
    let dataset = try file.member(group.path(of: child.name))
    guard dataset.type?.isFloatingPoint == true else {
      throw dataset.problem("holds no floating-point numbers")
    }
    guard !hasRows || !dataset.shape.isEmpty else {
      throw dataset.problem("is a scalar, but its first axis should count snapshots")
    }
    if datasets.count > TensorGroup.greatestOpenCount { dataset.rest() }
    datasets.append(dataset)
    tensors.append((child.name, Array(dataset.shape.dropFirst(hasRows ? 1 : 0))))
  }
  return TensorGroup(
    layout: try inferredLayout(of: tensors, file: file.name), datasets: datasets,
    hasRows: hasRows)
}

extension TensorGroup {
  /// The number of rows that all datasets have.
  func rows(_ file: HDF5File) throws -> Int {
    guard let first = datasets.first else {
      throw FileError(.wrongData, file: file.name, object: GroupName.weights.path, "is empty")
    }
    if !hasRows { return 1 }
    // While a file grows, some datasets may already have a row more than others.
    if file.exists(DatasetName.committed.path) { return datasets.map { $0.shape[0] }.min() ?? 0 }
    for dataset in datasets where dataset.shape[0] != first.shape[0] {
      throw dataset.problem(
        "has \(dataset.shape[0]) snapshots, but \(first.path) has \(first.shape[0])")
    }
    return first.shape[0]
  }

  func checkRows(atLeast count: Int) throws {
    guard hasRows else { return }
    for dataset in datasets where dataset.shape[0] < count {
      throw dataset.problem("has \(dataset.shape[0]) snapshots instead of \(count)")
    }
  }

  /// Refuses datasets that say they are larger than what the file stores.
  ///
  /// - Parameter rows: how many rows count, where there is an axis of rows; all by default.
  func checkStored(rows: Int? = nil) throws {
    for dataset in datasets {
      try dataset.checkStored(rows: hasRows ? rows : nil)
      restIfLarge(dataset)
    }
  }
}
