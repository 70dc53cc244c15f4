import HDF5
import WeightSpace

/// Rows of a tensor group, read from and written to their places in the file by any thread.
struct RawTensorRows: Sendable {
  private let slots: [TensorSlot]
  private let tensors: [RawRows]

  /// Nil where a dataset needs the library to be read or written.
  init?(_ group: TensorGroup, rows: [Int]) throws {
    var tensors: [RawRows] = []
    var slots: [TensorSlot] = []
    for (slot, dataset) in zip(group.layout.slots, group.datasets) where slot.count > 0 {
      guard let raw = try dataset.rawRows(rows, hasRows: group.hasRows) else { return nil }
      tensors.append(raw)
      slots.append(slot)
    }
    self.tensors = tensors
    self.slots = slots
  }

  /// Reads some columns of a row.
  func read(
    row: Int, columns: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
  ) throws {
    try forEachPart(of: columns) { tensor, elements, place in
      try unsafe tensor.read(
        row: row, elements: elements, into: UnsafeMutableBufferPointer(rebasing: target[place]))
    }
  }

  /// Writes some columns of a row.
  func write(row: Int, columns: Range<Int>, from source: UnsafeBufferPointer<Float>) throws {
    try forEachPart(of: columns) { tensor, elements, place in
      try unsafe tensor.write(
        row: row, elements: elements, from: UnsafeBufferPointer(rebasing: source[place]))
    }
  }

  /// Cuts columns where tensors meet; `place` is the part's place among the columns.
  private func forEachPart(
    of columns: Range<Int>,
    _ body: (_ tensor: RawRows, _ elements: Range<Int>, _ place: Range<Int>) throws -> Void
  ) throws {
    // The first slot that ends behind the columns' start.
    var low = 0
    var high = slots.count
    while low < high {
      let middle = (low + high) / 2
      if slots[middle].range.upperBound > columns.lowerBound {
        high = middle
      } else {
        low = middle + 1
      }
    }
    while low < slots.count, slots[low].range.lowerBound < columns.upperBound {
      let whole = slots[low].range
      let part = whole.clamped(to: columns)
      try body(
        tensors[low],
        (part.lowerBound - whole.lowerBound)..<(part.upperBound - whole.lowerBound),
        (part.lowerBound - columns.lowerBound)..<(part.upperBound - columns.lowerBound))
      low += 1
    }
  }
}
