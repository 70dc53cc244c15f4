extension VectorLayout {
  /// Cuts a range of the vector's elements where tensors meet, in order; tensors without elements
  /// are passed over.
  ///
  /// - Parameter body: is called with the position of a slot among `slots`, the range of that
  ///   tensor's elements that is meant, and the place of these within `columns`, from 0.
  public func forEachSlot(
    in columns: Range<Int>,
    _ body: (_ slot: Int, _ elements: Range<Int>, _ place: Range<Int>) throws -> Void
  ) rethrows {
    // The first slot that ends behind the start.
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
      if !part.isEmpty {
        try body(
          low, (part.lowerBound - whole.lowerBound)..<(part.upperBound - whole.lowerBound),
          (part.lowerBound - columns.lowerBound)..<(part.upperBound - columns.lowerBound))
      }
      low += 1
    }
  }

  /// The same tensors under other names, which must differ from each other.
  public func renamed(_ name: (String) -> String) -> VectorLayout {
    VectorLayout(slots.map { (name($0.name), $0.shape, $0.role) })
  }
}
