// Elementwise steps of a transform. Lengths are compared once, before the loop, which the compiler
// then turns into vector instructions.
extension MutableSpan where Element == Float {
  /// selfᵢ ← selfᵢ − xᵢ. Both have the same length.
  mutating func subtract(_ x: Span<Float>) {
    precondition(x.count == count, "spans of different length")
    for i in 0..<count { self[i] -= x[i] }
  }

  /// selfᵢ ← selfᵢ + f xᵢ. Both have the same length.
  mutating func add(scaled f: Float, _ x: Span<Float>) {
    precondition(x.count == count, "spans of different length")
    for i in 0..<count { self[i] += f * x[i] }
  }

  /// selfᵢ ← f selfᵢ.
  mutating func scale(by f: Float) {
    for i in 0..<count { self[i] *= f }
  }

  /// vᵢ ← μ vᵢ + selfᵢ; selfᵢ ← vᵢ. Both have the same length.
  mutating func accumulate(into v: inout MutableSpan<Float>, momentum mu: Float) {
    precondition(v.count == count, "spans of different length")
    for i in 0..<count {
      let velocity = mu * v[i] + self[i]
      v[i] = velocity
      self[i] = velocity
    }
  }

  /// vᵢ ← μ vᵢ + selfᵢ; selfᵢ ← selfᵢ + μ vᵢ. Both have the same length.
  mutating func accumulateAhead(into v: inout MutableSpan<Float>, momentum mu: Float) {
    precondition(v.count == count, "spans of different length")
    for i in 0..<count {
      let velocity = mu * v[i] + self[i]
      v[i] = velocity
      self[i] += mu * velocity
    }
  }

  /// selfᵢ ← β selfᵢ + w xᵢ. Both have the same length.
  mutating func average(with x: Span<Float>, decay: Float, weight: Float) {
    precondition(x.count == count, "spans of different length")
    for i in 0..<count { self[i] = decay * self[i] + weight * x[i] }
  }

  /// selfᵢ ← β selfᵢ + w xᵢ². Both have the same length.
  mutating func average(withSquaresOf x: Span<Float>, decay: Float, weight: Float) {
    precondition(x.count == count, "spans of different length")
    for i in 0..<count { self[i] = decay * self[i] + weight * x[i] * x[i] }
  }
}
