extension RandomStream {
  /// Uniform on lower ..< upper: 2²⁴ equidistant values, rounded, never the upper bound.
  public mutating func uniform(in range: Range<Float>) -> Float {
    precondition(!range.isEmpty, "an empty range has no values")
    let value = range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    return min(value, range.upperBound.nextDown)
  }

  /// Puts the elements in random order, each order equally likely (Fisher and Yates' shuffle).
  ///
  /// Cost: O(count), one word for each element and rarely one more. At most 2³² − 1 elements.
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    var last = elements.count - 1
    while last > 0 {
      elements.swapAt(last, Int(uniform(below: UInt32(last + 1))))
      last -= 1
    }
  }

  /// The numbers 0..<count in random order, each order equally likely. At most 2³² − 1 of them.
  public mutating func permutation(of count: Int) -> [Int] {
    var order = Array(0..<count)
    shuffle(&order)
    return order
  }
}
