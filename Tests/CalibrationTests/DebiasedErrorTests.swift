import Glibc
import Testing

@testable import Calibration

@Suite struct DebiasedErrorTests {
  static func bin(_ count: Double, _ confidence: Double, _ accuracy: Double) -> ReliabilityBin {
    ReliabilityBin(
      lower: 0, upper: 1, count: count, confidence: confidence * count,
      correct: accuracy * count)
  }

  @Test func formulas() {
    let bins = [
      Self.bin(50, 0.8, 0.7), Self.bin(1, 0.5, 1), Self.bin(0, 0, 0), Self.bin(49, 0.9, 1),
    ]
    let square =
      0.5 * (0.01 - 0.21 / 49) + 0.49 * 0.01
    #expect(abs(bins.debiasedRootMeanSquaredError(of: 100) - square.squareRoot()) < 1e-12)
    // No spread where the accuracy is 0 or 1.
    let sigma = (0.21 / 50).squareRoot()
    let spread = meanMagnitude(0.1, sigma)
    let expected = 0.5 * (0.2 - spread) + 0.01 * 0.5 + 0.49 * 0.1
    #expect(abs(bins.debiasedExpectedError(of: 100) - expected) < 1e-12)
  }

  /// E|X| against the integral of |x| times the density (midpoint rule, error O(h²) ≈ 10⁻⁷).
  @Test(arguments: [(0.0, 1.0), (0.3, 0.5), (-2.0, 0.7), (0.1, 0.01), (1.5, 0.0)])
  func meanMagnitudeIsTheIntegral(mean: Double, deviation: Double) {
    var sum = abs(mean)
    if deviation > 0 {
      sum = 0
      let h = deviation / 2000
      for i in -20_000..<20_000 {
        let x = mean + (Double(i) + 0.5) * h
        sum += abs(x) * NormalDistribution.density((x - mean) / deviation) * h / deviation
      }
    }
    #expect(abs(meanMagnitude(mean, deviation) - sum) < 1e-6)
  }

  /// Of perfectly calibrated predictions the plain error is far from 0, the others are near it.
  @Test func littleIsLeftOfCalibratedPredictions() throws {
    var generator = SplitMix(state: 3)
    var (plain, debiased, square) = (0.0, 0.0, 0.0)
    for _ in 0..<200 {
      var bins: [ReliabilityBin] = []
      for k in 0..<10 {
        let c = (Double(k) + 0.5) / 10
        let right = (0..<40).count { _ in Double.random(in: 0..<1, using: &generator) < c }
        bins.append(Self.bin(40, c, Double(right) / 40))
      }
      plain += bins.expectedError(of: 400) / 200
      debiased += bins.debiasedExpectedError(of: 400) / 200
      for bin in bins {
        square += (bin.gap! * bin.gap! - bin.accuracy! * (1 - bin.accuracy!) / 39) / 2000
      }
    }
    // √(2/π) σ averaged over the bins' σ = √(c (1 − c)/40) is 0.0498.
    #expect(abs(plain - 0.0498) < 0.003)
    // The bias is estimated at the observed gap g rather than at 0: of the plain √(2/π) σ there
    // remains 2 E|g| − E|N(0, 2σ²)|, which is 2 − √2 of it; 3 % is what 2000 bins leave open.
    #expect(abs(debiased / plain - (2 - 2.0.squareRoot())) < 0.1)
    // Unbiased: 2000 bins of deviation √2 σ² ≈ 0.006 leave 0.00013.
    #expect(abs(square) < 0.0006)
  }
}
