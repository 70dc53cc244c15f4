import Glibc

/// What the metrics need of one row of probabilities p, in one pass over it.
struct RowSummary: Equatable {
  /// Σ p
  var sum = 0.0
  /// Σ p²
  var squares = 0.0
  /// −Σ p ln p, with 0 ln 0 = 0.
  var entropy = 0.0
  /// The largest p, or 0.
  var largest = 0.0
  /// The smallest p, or 0: negative only where a p is.
  var smallest = 0.0
}

/// The types that probabilities are stored in.
protocol RowElement: BinaryFloatingPoint, BitwiseCopyable {
  /// The summary of `count` elements from `start`.
  static func summary(of rows: Span<Self>, start: Int, count: Int) -> RowSummary
}

extension Double: RowElement {
  static func summary(of rows: Span<Double>, start: Int, count: Int) -> RowSummary {
    var result = RowSummary()
    for j in start..<start + count {
      let p = rows[j]
      result.sum += p
      result.squares += p * p
      if p > 0 { result.entropy -= p * log(p) }
      result.largest = max(result.largest, p)
      result.smallest = min(result.smallest, p)
    }
    return result
  }
}

extension Float: RowElement {
  /// Sums in eight lanes of Float: their error is about 2⁻²⁴ of the sum, that of the stored
  /// probabilities themselves.
  static func summary(of rows: Span<Float>, start: Int, count: Int) -> RowSummary {
    precondition(start >= 0 && count >= 0 && start + count <= rows.count, "no such row")
    var lanes = RowLanes()
    let bytes = unsafe rows.bytes
    let whole = start + count / 8 * 8
    var position = start
    while position < whole {
      // In bounds by the precondition above.
      let p = unsafe bytes.unsafeLoadUnaligned(
        fromUncheckedByteOffset: position &* 4, as: SIMD8<Float>.self)
      lanes.add(p)
      position &+= 8
    }
    if whole < start + count {
      var rest = SIMD8<Float>.zero
      for j in whole..<start + count { rest[j - whole] = rows[j] }
      lanes.add(rest)
    }
    return lanes.total
  }
}

/// Eight partial sums of every quantity. Zeros add nothing to any of them.
struct RowLanes {
  private var sum = SIMD8<Float>.zero
  private var squares = SIMD8<Float>.zero
  private var negativeEntropy = SIMD8<Float>.zero
  private var largest = SIMD8<Float>.zero
  private var smallest = SIMD8<Float>.zero

  @inline(__always)
  mutating func add(_ p: SIMD8<Float>) {
    sum += p
    squares += p * p
    negativeEntropy += p * Self.logarithm(p)
    largest.replace(with: p, where: p .> largest)
    smallest.replace(with: p, where: p .< smallest)
  }

  var total: RowSummary {
    var result = RowSummary()
    for lane in 0..<8 {
      result.sum += Double(sum[lane])
      result.squares += Double(squares[lane])
      result.entropy -= Double(negativeEntropy[lane])
      result.largest = max(result.largest, Double(largest[lane]))
      result.smallest = min(result.smallest, Double(smallest[lane]))
    }
    return result
  }

  /// ln x to about 10⁻⁷, absolute near 1 and relative elsewhere, for positive normal x; of
  /// anything smaller, the logarithm of some tiny number, finite.
  ///
  /// x = 2ᵉ m with m in [√½, √2), ln m = 2 artanh z with z = (m − 1)/(m + 1): its series up to z⁹
  /// leaves 2 z¹¹/11 < 10⁻⁹.
  @inline(__always)
  static func logarithm(_ x: SIMD8<Float>) -> SIMD8<Float> {
    let rootOfHalf = SIMD8<Int32>(repeating: 0x3F35_04F3)
    let bits = unsafe unsafeBitCast(x, to: SIMD8<Int32>.self)
    let exponent = (bits &- rootOfHalf) &>> 23
    let m = unsafe unsafeBitCast(bits &- (exponent &<< 23), to: SIMD8<Float>.self)
    let z = (m - 1) / (m + 1)
    let s = z * z
    var series = s * Float(2.0 / 9) + Float(2.0 / 7)
    series = series * s + Float(2.0 / 5)
    series = series * s + Float(2.0 / 3)
    series = series * s + 2
    return SIMD8<Float>(exponent) * Float(0.693147180559945) + z * series
  }
}
