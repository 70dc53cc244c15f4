import Files
import HDF5

// The group `carried`: tensors that are no weights, one copy for all snapshots.
extension HDF5File {
  /// Writes the group, a block of a tensor at a time; nothing where there are no tensors.
  ///
  /// - Throws: `FileError`: `wrongData` for a name that HDF5 cannot keep, what reading the tensors
  ///   throws, and `inputOutput`.
  func write(carried tensors: [CarriedTensor]) throws {
    guard !tensors.isEmpty else { return }
    try TensorGroup.checkNames(tensors.map { ($0.name, $0.shape) }, self)
    try createGroup(GroupName.carried.path)
    for tensor in tensors {
      let dataset = try createDataset(
        GroupName.carried.path(of: tensor.name), bytes: tensor.type.byteType, shape: tensor.shape)
      try tensor.forEachPart { bytes, place in
        var position = 0
        for block in rectangles(of: place, in: tensor.shape) {
          let length = block.count.reduce(tensor.type.size, *)
          try dataset.write(
            bytes: bytes[position..<(position + length)], start: block.start, count: block.count)
          position += length
        }
      }
      dataset.rest()
    }
  }

  /// The tensors of the group; none where there is none. Texts, which somebody added, are passed over.
  ///
  /// - Throws: `FileError` of kind `wrongData` for a dataset that is not stored as large as it says.
  func carriedTensors() throws -> [CarriedTensor] {
    let group = GroupName.carried
    guard exists(group.path) else { return [] }
    return try children(of: group.path).compactMap { child in
      guard child.kind == .dataset else { return nil }
      return try CarriedTensor(member(group.path(of: child.name)), name: child.name)
    }
  }
}
