import Randomness

/// A curve through weight space: w(t) = Σᵢ cᵢ(t) wᵢ for 0 ≤ t ≤ 1, over n control points of which
/// the first and the last are its ends and the others its bends.
///
/// Garipov, Izmailov, Podoprikhin, Vetrov and Wilson, "Loss surfaces, mode connectivity, and fast
/// ensembling of DNNs", NeurIPS 2018, section 3.
public struct WeightCurve: Sendable, Equatable {
  public enum Shape: String, Sendable, CaseIterable {
    /// cᵢ(t) = C(n−1, i) tⁱ (1−t)ⁿ⁻¹⁻ⁱ.
    case bezier
    /// Straight from point to point: cᵢ(t) = max(0, 1 − |t (n−1) − i|).
    case polychain
  }

  public let shape: Shape
  /// n, at least 2; with 2 the curve is the straight line for either shape.
  public let pointCount: Int

  public init(_ shape: Shape, pointCount: Int) {
    precondition(pointCount >= 2, "a curve has two ends")
    self.shape = shape
    self.pointCount = pointCount
  }

  /// The n coefficients at t; they add up to 1, and are exactly (1, 0, …) at 0 and (…, 0, 1) at 1.
  /// Cost: O(n²).
  public func coefficients(at t: Double) -> [Double] {
    precondition((0...1).contains(t), "a curve is defined from 0 to 1")
    let degree = pointCount - 1
    switch shape {
    case .polychain:
      return (0...degree).map { max(0, 1 - abs(t * Double(degree) - Double($0))) }
    case .bezier:
      var binomial = 1.0
      return (0...degree).map { i in
        if i > 0 { binomial *= Double(degree - i + 1) / Double(i) }
        // Products and not logarithms: 0⁰ is 1.
        var value = binomial.rounded()
        for _ in 0..<i { value *= t }
        for _ in i..<degree { value *= 1 - t }
        return value
      }
    }
  }

  /// `count` equidistant values of t from 0 to 1, both included. At least 2.
  public static func equidistant(_ count: Int) -> [Double] {
    precondition(count >= 2, "both ends are included")
    return (0..<count).map { Double($0) / Double(count - 1) }
  }

  /// `count` values of t, uniform on [0, 1) and ascending: a function of the seed alone.
  public static func uniform(_ count: Int, seed: UInt64) -> [Double] {
    (0..<count).map {
      uniform(seed: seed, stream: RandomPurpose.curvePosition.stream(1), counter: UInt64($0))
    }.sorted()
  }

  /// The t of a training step, uniform on [0, 1): a function of the seed and the step.
  public static func ofStep(_ step: UInt64, seed: UInt64) -> Double {
    uniform(seed: seed, stream: RandomPurpose.curvePosition.stream(), counter: step)
  }

  /// A multiple of 2⁻⁵².
  private static func uniform(seed: UInt64, stream: StreamNumber, counter: UInt64) -> Double {
    let words = RandomStream.philox(seed: seed, stream: stream, counter: counter)
    return Double(UInt64(words.0) << 20 | UInt64(words.1) >> 12) * 0x1p-52
  }
}
