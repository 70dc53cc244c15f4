// Elementwise operations in place. Each is one pass in parallel chunks; elements are rounded once
// per written operation, so that results have the same bits on every machine.
extension WeightVector {
  /// Sets every element to `value`.
  public mutating func fill(with value: Float) {
    forEachChunk(updating: &self) { a, _ in
      for i in 0..<a.count { a[i] = value }
    }
  }

  /// a ← x. Both have the same length.
  public mutating func copy(from x: borrowing WeightVector) {
    forEachChunk(updating: &self, reading: x) { a, x in
      precondition(a.count == x.count)
      for i in 0..<a.count { a[i] = x[i] }
    }
  }

  /// a ← f a.
  public mutating func scale(by factor: Float) {
    forEachChunk(updating: &self) { a, _ in
      for i in 0..<a.count { a[i] *= factor }
    }
  }

  /// a ← a + f x. Both have the same length.
  public mutating func add(scaled factor: Float, _ x: borrowing WeightVector) {
    forEachChunk(updating: &self, reading: x) { a, x in
      precondition(a.count == x.count)
      for i in 0..<a.count { a[i] += factor * x[i] }
    }
  }

  /// a ← a + x. Both have the same length.
  public mutating func add(_ x: borrowing WeightVector) {
    forEachChunk(updating: &self, reading: x) { a, x in
      precondition(a.count == x.count)
      for i in 0..<a.count { a[i] += x[i] }
    }
  }

  /// a ← a − x. Both have the same length.
  public mutating func subtract(_ x: borrowing WeightVector) {
    forEachChunk(updating: &self, reading: x) { a, x in
      precondition(a.count == x.count)
      for i in 0..<a.count { a[i] -= x[i] }
    }
  }

  /// a ← a + t (x − a): the point at fraction t of the way from a to x, exactly a for t = 0.
  ///
  /// With t = 1/(n+1) this adds x to a running mean of n vectors. Both have the same length.
  public mutating func interpolate(to x: borrowing WeightVector, fraction t: Float) {
    forEachChunk(updating: &self, reading: x) { a, x in
      precondition(a.count == x.count)
      for i in 0..<a.count { a[i] += t * (x[i] - a[i]) }
    }
  }

  /// Multiplies the elements of each range by its factor: a segmented vector operation, for what is
  /// per filter or per tensor (`VectorLayout.segments`). The ranges lie within the vector.
  public mutating func scale(segments: [Range<Int>], by factors: [Float]) {
    precondition(segments.count == factors.count, "one factor for each segment")
    for (segment, factor) in zip(segments, factors) {
      withMutableSpan(segment) { a in
        for i in 0..<a.count { a[i] *= factor }
      }
    }
  }
}

// Reductions accumulate in Double, in an order that depends on the length alone.
extension WeightVector {
  /// ⟨a, x⟩ = Σ aᵢ xᵢ; 0 for empty vectors. Both have the same length.
  public func dot(_ x: borrowing WeightVector) -> Double {
    sumOverChunks(of: self, x) { $0.dot($1) }
  }

  /// Σ aᵢ.
  public var sum: Double { sumOverChunks(of: self, self) { a, _ in a.sum } }

  /// ‖a‖² = Σ aᵢ².
  public var squaredNorm: Double { dot(self) }

  /// ‖a‖, the Euclidean norm.
  public var norm: Double { squaredNorm.squareRoot() }

  /// ‖a − x‖, the Euclidean distance, without cancellation for near-by points.
  public func distance(to x: borrowing WeightVector) -> Double {
    sumOverChunks(of: self, x) { $0.squaredDistance(to: $1) }.squareRoot()
  }

  /// Σ aᵢ² over each of the ranges, which lie within the vector.
  public func squaredNorms(of segments: [Range<Int>]) -> [Double] {
    segments.map { withSpan($0) { $0.dot($0) } }
  }

  /// Whether no element is infinite or NaN. True for an empty vector.
  public var isFinite: Bool { sumOverChunks(of: self, self) { a, _ in a.isFinite ? 0 : 1 } == 0 }

  /// The index of the first element that is infinite or NaN, or nil. One fast pass if there is none.
  public var firstNonFinite: Int? {
    if isFinite { return nil }
    return withSpan { a in a.indices.first { !a[$0].isFinite } }
  }
}
