import HDF5
import WeightSpace

/// Rows of a tensor group, read from and written to their places in the file by any thread.
struct RawTensorRows: Sendable {
  private let layout: VectorLayout
  /// One for each slot of the layout; nil where it has no elements.
  private let tensors: [RawRows?]

  /// Nil where a dataset needs the library to be read or written.
  init?(_ group: TensorGroup, rows: [Int]) throws {
    var tensors: [RawRows?] = []
    for (slot, dataset) in zip(group.layout.slots, group.datasets) {
      let raw = slot.count > 0 ? try dataset.rawRows(rows, hasRows: group.hasRows) : nil
      group.restIfLarge(dataset)
      if slot.count > 0 && raw == nil { return nil }
      tensors.append(raw)
    }
    self.tensors = tensors
    layout = group.layout
  }

  /// Reads some columns of a row.
  func read(
    row: Int, columns: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
  ) throws {
    try layout.forEachSlot(in: columns) { slot, elements, place in
      try unsafe tensors[slot]?.read(
        row: row, elements: elements, into: UnsafeMutableBufferPointer(rebasing: target[place]))
    }
  }

  /// Writes some columns of a row.
  func write(row: Int, columns: Range<Int>, from source: UnsafeBufferPointer<Float>) throws {
    try layout.forEachSlot(in: columns) { slot, elements, place in
      try unsafe tensors[slot]?.write(
        row: row, elements: elements, from: UnsafeBufferPointer(rebasing: source[place]))
    }
  }
}
