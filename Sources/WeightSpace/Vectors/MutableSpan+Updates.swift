import CKernels

// Elementwise parts of an optimiser's update. Bits do not depend on the processor, and a chain of
// parts rounds as one loop with the same operations would.
extension MutableSpan where Element == Float {
  /// selfᵢ ← selfᵢ − f xᵢ. Both have the same length.
  public mutating func subtract(scaled f: Float, _ x: Span<Float>) {
    unsafe withPointers(x) { unsafe ck_subtract_scaled($0, $1, $2, f) }
  }

  /// selfᵢ ← selfᵢ + f xᵢ. Both have the same length.
  public mutating func add(scaled f: Float, _ x: Span<Float>) {
    unsafe withPointers(x) { unsafe ck_add_scaled($0, $1, $2, f) }
  }

  /// selfᵢ ← f selfᵢ.
  public mutating func scale(by f: Float) {
    unsafe withUnsafeMutableBufferPointer { y in
      if let start = y.baseAddress { unsafe ck_scale(start, y.count, f) }
    }
  }

  /// vᵢ ← μ vᵢ + selfᵢ; selfᵢ ← vᵢ. Both have the same length.
  public mutating func accumulate(into v: inout MutableSpan<Float>, momentum mu: Float) {
    unsafe withPointers(updating: &v) { unsafe ck_momentum($0, $1, $2, mu) }
  }

  /// vᵢ ← μ vᵢ + selfᵢ; selfᵢ ← selfᵢ + μ vᵢ. Both have the same length.
  public mutating func accumulateAhead(into v: inout MutableSpan<Float>, momentum mu: Float) {
    unsafe withPointers(updating: &v) { unsafe ck_nesterov($0, $1, $2, mu) }
  }

  /// selfᵢ ← β selfᵢ + w xᵢ. Both have the same length.
  public mutating func average(with x: Span<Float>, decay: Float, weight: Float) {
    unsafe withPointers(x) { unsafe ck_average($0, $1, $2, decay, weight) }
  }

  /// selfᵢ ← β selfᵢ + w xᵢ². Both have the same length.
  public mutating func average(withSquaresOf x: Span<Float>, decay: Float, weight: Float) {
    unsafe withPointers(x) { unsafe ck_average_squares($0, $1, $2, decay, weight) }
  }

  /// selfᵢ ← selfᵢ − rate · mᵢ / (√vᵢ / scale + epsilon): a move m preconditioned by the root of a
  /// second moment v, which is not negative. All three have the same length.
  public mutating func subtract(
    scaled rate: Float, _ m: Span<Float>, overRootOf v: Span<Float>, scale: Float, epsilon: Float
  ) {
    unsafe withPointers(m, v) {
      unsafe ck_subtract_over_root($0, $1, $2, $3, rate, scale, epsilon)
    }
  }

  /// selfᵢ ← rate · mᵢ / (√vᵢ / scale + epsilon). All three have the same length.
  public mutating func set(
    scaled rate: Float, _ m: Span<Float>, overRootOf v: Span<Float>, scale: Float, epsilon: Float
  ) {
    unsafe withPointers(m, v) { unsafe ck_over_root($0, $1, $2, $3, rate, scale, epsilon) }
  }

  /// selfᵢ ← rate · mᵢ / (√vᵢ + epsilon)^(1/2), or with `again` ^(1/4). All three have the same
  /// length.
  public mutating func set(
    scaled rate: Float, _ m: Span<Float>, overRootOfRootOf v: Span<Float>, again: Bool,
    epsilon: Float
  ) {
    unsafe withPointers(m, v) {
      unsafe ck_over_roots($0, $1, $2, $3, rate, epsilon, again ? 2 : 1)
    }
  }

  // MARK: Pointers of spans of the same length, unless it is 0

  private mutating func withPointers(
    _ x: Span<Float>, _ body: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
  ) {
    precondition(x.count == count, "spans of different length")
    unsafe withUnsafeMutableBufferPointer { y in
      unsafe x.withUnsafeBufferPointer { x in
        guard let y = y.baseAddress, let start = x.baseAddress else { return }
        unsafe body(y, start, x.count)
      }
    }
  }

  private mutating func withPointers(
    updating v: inout MutableSpan<Float>,
    _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    precondition(v.count == count, "spans of different length")
    unsafe withUnsafeMutableBufferPointer { y in
      unsafe v.withUnsafeMutableBufferPointer { v in
        guard let y = y.baseAddress, let start = v.baseAddress else { return }
        unsafe body(y, start, v.count)
      }
    }
  }

  private mutating func withPointers(
    _ x: Span<Float>, _ z: Span<Float>,
    _ body: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int) -> Void
  ) {
    precondition(z.count == count, "spans of different length")
    unsafe z.withUnsafeBufferPointer { z in
      unsafe withPointers(x) { y, x, count in
        if let z = z.baseAddress { unsafe body(y, x, z, count) }
      }
    }
  }
}

extension UnsafeBufferPointer where Element == Float {
  /// Asks for the elements to be in a first-level cache soon.
  public func prefetch() {
    if let start = baseAddress { unsafe ck_prefetch(start, count) }
  }
}
