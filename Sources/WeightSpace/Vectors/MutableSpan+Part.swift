extension MutableSpan {
  /// Changes a range of the elements, which lies within the span.
  public mutating func withPart<Result>(
    _ range: Range<Int>, _ body: (inout MutableSpan<Element>) throws -> Result
  ) rethrows -> Result {
    try unsafe withUnsafeMutableBufferPointer { elements in
      precondition(range.lowerBound >= 0 && range.upperBound <= elements.count, "out of range")
      var part = unsafe elements.extracting(range).mutableSpan
      return try body(&part)
    }
  }
}
