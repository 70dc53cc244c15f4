extension VectorLayout {
  /// The first tensor by which two layouts differ, and how; nil if they hold the same tensors.
  ///
  /// Tensors are matched by name: neither their order nor their roles count. This layout's tensors
  /// are looked at first, in its order, then those that only the other one has. `otherName` is what
  /// the other layout is called in `problem`, as in `shape [10, 64], but run1.h5 has [100, 64]`.
  public func firstDifference(
    from other: VectorLayout, named otherName: String = "the other"
  ) -> (tensor: String, problem: String)? {
    for slot in slots {
      guard let twin = other[slot.name] else { return (slot.name, "not in \(otherName)") }
      if twin.shape != slot.shape {
        return (slot.name, "shape \(slot.shape), but \(otherName) has \(twin.shape)")
      }
    }
    for twin in other.slots where self[twin.name] == nil {
      return (twin.name, "missing, but \(otherName) has it with shape \(twin.shape)")
    }
    return nil
  }

  /// The tensor that holds element `index` of the vector. Cost: O(log tensors).
  public func slot(containing index: Int) -> TensorSlot {
    precondition(index >= 0 && index < count, "index out of range")
    var low = 0
    var high = slots.count - 1
    while low < high {
      let middle = (low + high) / 2
      if slots[middle].range.upperBound > index { high = middle } else { low = middle + 1 }
    }
    return slots[low]
  }
}

/// How a vector is cut for operations that treat its parts alike.
public enum Segmentation: Sendable {
  /// One segment for each tensor.
  case tensors
  /// One for each filter, that is for each index of the first axis of a tensor with two axes or
  /// more (an output channel of a convolution, a row of a dense matrix); a tensor with one axis or
  /// none is one segment.
  case filters
}

extension VectorLayout {
  /// The ranges of the segments, in order; together they are the whole vector. Tensors without
  /// elements have none.
  public func segments(_ segmentation: Segmentation) -> [Range<Int>] {
    slots.flatMap { slot -> [Range<Int>] in
      if slot.count == 0 { return [] }
      guard segmentation == .filters, slot.shape.count > 1 else { return [slot.range] }
      let length = slot.count / slot.shape[0]
      return stride(from: slot.range.lowerBound, to: slot.range.upperBound, by: length)
        .map { $0..<($0 + length) }
    }
  }
}
