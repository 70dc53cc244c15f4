import Files
import HDF5
import WeightSpace

extension SnapshotSource {
  /// Some of the tensors, by their names; nil where none is left.
  func part(file: String, _ takes: (String) -> Bool) throws -> SnapshotSource? {
    guard layout.slots.contains(where: { takes($0.name) }) else { return nil }
    switch self {
    case .rows(let group): return .rows(try group.part(file: file, takes))
    case .affine(var affine):
      affine.shift = try affine.shift.part(file: file, takes)
      affine.components = try affine.components.part(file: file, takes)
      return .affine(affine)
    case .plain(let group):
      return .plain(try PlainTensorGroup(group.tensors.filter { takes($0.name) }, file: file))
    }
  }

  /// These tensors and those of another source of the same kind.
  ///
  /// - Throws: `FileError` of kind `wrongData` for affine snapshots, and for two tensors of one name.
  func joined(with other: SnapshotSource, file: String) throws -> SnapshotSource {
    switch (self, other) {
    case (.rows(let first), .rows(let second)) where first.hasRows == second.hasRows:
      let slots = first.layout.slots + second.layout.slots
      return .rows(
        TensorGroup(
          layout: try inferredLayout(of: slots.map { ($0.name, $0.shape) }, file: file),
          datasets: first.datasets + second.datasets, hasRows: first.hasRows))
    case (.plain(let first), .plain(let second)):
      return .plain(try PlainTensorGroup(first.tensors + second.tensors, file: file))
    default:
      throw FileError(
        .wrongData, file: file, "--statistics is not for snapshots that are points of a subspace")
    }
  }
}

extension TensorGroup {
  fileprivate func part(file: String, _ takes: (String) -> Bool) throws -> TensorGroup {
    let places = layout.slots.indices.filter { takes(layout.slots[$0].name) }
    return TensorGroup(
      layout: try inferredLayout(
        of: places.map { (layout.slots[$0].name, layout.slots[$0].shape) }, file: file),
      datasets: places.map { datasets[$0] }, hasRows: hasRows)
  }
}
