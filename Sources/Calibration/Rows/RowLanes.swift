/// The summary of a row of Floats in eight partial sums of every quantity: their error is about
/// 2⁻²⁴ of the sum, that of the stored probabilities themselves. Zeros add nothing to any of them.
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
    let one = SIMD8<Float>(repeating: 1)
    let z = (m - one) / (m + one)
    let s = z * z
    var series = s * Float(2.0 / 9) + Float(2.0 / 7)
    series = series * s + Float(2.0 / 5)
    series = series * s + Float(2.0 / 3)
    series = series * s + 2
    // A small whole number e as a Float: 1.5 · 2²³ + e has e in its last bits.
    let shifted = unsafe unsafeBitCast(exponent &+ 0x4B40_0000, to: SIMD8<Float>.self)
    return (shifted - 12_582_912) * Float(0.693147180559945) + z * series
  }
}
