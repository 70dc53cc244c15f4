import HDF5
import WeightSpace

/// Rows read straight from their places in the file, by any thread.
struct RawRowSource: Sendable {
  private let slots: [TensorSlot]
  private let tensors: [RawRows]

  /// Nil where a dataset needs the library to be read.
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

  func read(
    row: Int, columns: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
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
      let place = unsafe UnsafeMutableBufferPointer(
        rebasing: target[
          (part.lowerBound - columns.lowerBound)..<(part.upperBound - columns.lowerBound)])
      try unsafe tensors[low].read(
        row: row,
        elements: (part.lowerBound - whole.lowerBound)..<(part.upperBound - whole.lowerBound),
        into: place)
      low += 1
    }
  }
}
