/// One range of a transform's own vectors, for the call of `apply` that it is given to.
@safe public struct StateRange {
  /// Which elements of the flat vector.
  public let range: Range<Int>
  private let vectors: UnsafeBufferPointer<UnsafeMutableBufferPointer<Float>>

  /// - Parameter vectors: whole vectors, which outlive this value; no other call changes the range.
  @unsafe init(
    _ range: Range<Int>, of vectors: UnsafeBufferPointer<UnsafeMutableBufferPointer<Float>>
  ) {
    self.range = range
    unsafe self.vectors = vectors
  }

  /// Changes the range of vector `k`.
  public func withSpan(_ k: Int, _ body: (inout MutableSpan<Float>) -> Void) {
    var span = unsafe vectors[k].extracting(range).mutableSpan
    body(&span)
  }
}
