import Posteriors
import Testing

@Suite struct RunningMomentsTests {
  /// Mean and variance by two passes in Double.
  static func naive(_ rows: [[Float]], _ i: Int) -> (mean: Double, variance: Double) {
    let values = rows.map { Double($0[i]) }
    let mean = values.reduce(0, +) / Double(values.count)
    var squares = 0.0
    for value in values { squares += (value - mean) * (value - mean) }
    return (mean, squares / Double(values.count))
  }

  static func results(_ moments: RunningMoments) -> (mean: [Float], variance: [Float]) {
    var mean = [Float](repeating: .nan, count: moments.width)
    var variance = mean
    var span = mean.mutableSpan
    moments.copyMean(into: &span)
    var second = variance.mutableSpan
    moments.copyVariance(into: &second)
    return (mean, variance)
  }

  /// The scalar iterates 1, 2, 4, 7: means 1, 1.5, 7/3, 3.5, variance 17.5 − 3.5², and deviations
  /// from the running mean.
  @Test func scalarIterates() {
    var moments = RunningMoments(width: 1)
    var deviations: [Float] = []
    for (w, mean) in [(1, 1), (2, 1.5), (4, 7.0 / 3), (7, 3.5)] as [(Float, Double)] {
      let vector = [w]
      moments.add(vector.span)
      #expect(Self.results(moments).mean == [Float(mean)])
      var difference: [Float] = [0]
      var span = difference.mutableSpan
      moments.difference(of: vector.span, into: &span)
      deviations += difference
    }
    #expect(deviations == [0, 0.5, Float(5.0 / 3), 3.5])
    #expect(Self.results(moments).variance == [5.25])
    #expect(moments.count == 4)
  }

  /// Weights of mean 1 and standard deviation 1e-5, stored as Float, whose spacing there is 1.2e-7:
  /// E[w²] − E[w]² in Float would be lost entirely.
  @Test func smallVariance() {
    var moments = RunningMoments(width: 1)
    var rows: [[Float]] = []
    for t in 0..<1000 {
      // The quantiles of a uniform distribution with that standard deviation.
      let row = [Float(1 + 1e-5 * 12.0.squareRoot() * ((Double(t) + 0.5) / 1000 - 0.5))]
      moments.add(row.span)
      rows.append(row)
    }
    let variance = Double(Self.results(moments).variance[0])
    #expect(abs(variance / 1e-10 - 1) < 0.01)
    #expect(abs(variance / Self.naive(rows, 0).variance - 1) < 1e-6)
  }

  /// Welford's recursion loses a few ulp of Double a step, 13 steps with numbers up to 16: below
  /// 1e-13. Rounded to Float, the last bit may differ.
  @Test(arguments: [0, 1, 7, 8, 9, 33, 4097]) func againstTwoPasses(_ width: Int) {
    var moments = RunningMoments(width: width)
    let rows: [[Float]] = (0..<13).map { t in
      (0..<width).map { i in Float((i * 31 + t * t * 17) % 257) / 32 - 4 }
    }
    for row in rows { moments.add(row.span) }
    let (mean, variance) = Self.results(moments)
    for i in 0..<width {
      let known = Self.naive(rows, i)
      #expect(abs(Double(mean[i]) - known.mean) <= Double(Float(known.mean).ulp) + 1e-13)
      #expect(
        abs(Double(variance[i]) - known.variance) <= Double(Float(known.variance).ulp) + 1e-13)
    }
    moments.reset()
    #expect(Self.results(moments).variance == [Float](repeating: 0, count: width))
  }
}
