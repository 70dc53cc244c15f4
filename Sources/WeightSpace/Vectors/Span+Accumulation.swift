import CKernels

// Weighted sums of vectors, one block of columns at a time.
extension MutableSpan where Element == Double {
  /// selfᵢ ← decay · selfᵢ + weight · xᵢ. Both have the same length. Bits do not depend on the
  /// processor.
  public mutating func accumulate(_ x: Span<Float>, decay: Double = 1, weight: Double = 1) {
    precondition(x.count == count, "spans of \(count) and \(x.count) elements")
    unsafe withUnsafeMutableBufferPointer { sums in
      unsafe x.withUnsafeBufferPointer { x in
        if x.isEmpty { return }
        unsafe ck_accumulate(sums.baseAddress!, x.baseAddress!, x.count, decay, weight)
      }
    }
  }

  /// selfᵢ ← decay · selfᵢ + weight · xᵢ. Both have the same length.
  public mutating func accumulate(_ x: Span<Double>, decay: Double = 1, weight: Double = 1) {
    precondition(x.count == count, "spans of \(count) and \(x.count) elements")
    for i in 0..<count { self[i] = decay * self[i] + weight * x[i] }
  }

  /// selfᵢ ← selfᵢ / divisor.
  public mutating func divide(by divisor: Double) {
    for i in 0..<count { self[i] /= divisor }
  }
}

extension Span where Element == Double {
  /// Whether no element is an infinity or NaN.
  public var isFinite: Bool {
    var isFinite = true
    for i in indices { isFinite = isFinite && self[i].isFinite }
    return isFinite
  }
}

extension MutableSpan where Element == Float {
  /// selfᵢ ← sumᵢ / divisor, rounded once. Both have the same length.
  public mutating func setQuotients(of sums: Span<Double>, by divisor: Double) {
    precondition(sums.count == count, "spans of \(count) and \(sums.count) elements")
    unsafe withUnsafeMutableBufferPointer { values in
      unsafe sums.withUnsafeBufferPointer { sums in
        if sums.isEmpty { return }
        unsafe ck_quotients(values.baseAddress!, sums.baseAddress!, sums.count, divisor)
      }
    }
  }
}
