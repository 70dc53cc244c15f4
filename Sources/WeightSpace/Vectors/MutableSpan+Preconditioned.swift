import CKernels

extension MutableSpan where Element == Float {
  /// w ← w − rate · m / (√v / scale + epsilon), element by element: a move m preconditioned by the
  /// root of a second moment v, which is not negative. All three have the same length.
  public mutating func subtract(
    scaled rate: Float, _ m: Span<Float>, overRootOf v: Span<Float>, scale: Float, epsilon: Float
  ) {
    precondition(m.count == count && v.count == count, "spans of different length")
    if isEmpty { return }
    unsafe withUnsafeMutableBufferPointer { w in
      unsafe m.withUnsafeBufferPointer { m in
        unsafe v.withUnsafeBufferPointer { v in
          unsafe ck_subtract_over_root(
            w.baseAddress!, m.baseAddress!, v.baseAddress!, w.count, rate, scale, epsilon)
        }
      }
    }
  }
}
