import Glibc
import Testing

@testable import Calibration

@Suite struct GaussianScoreTests {
  /// ∫ (F(x) − [x ≥ y])² dx by the midpoint rule on 10⁵ intervals over ±12 σ of all components: its
  /// error is about (interval)² of smooth parts and half an interval at the steps.
  static func crpsIntegral(_ y: Double, _ means: [Double], _ variances: [Double]) -> Double {
    let deviations = variances.map { max($0.squareRoot(), 1e-9) }
    let reach = 12 * deviations.max()! + 1e-3
    let low = min(means.min()!, y) - reach
    let high = max(means.max()!, y) + reach
    let h = (high - low) / 100_000
    var sum = 0.0
    for i in 0..<100_000 {
      let x = low + (Double(i) + 0.5) * h
      var f = 0.0
      for s in means.indices {
        f += NormalDistribution.cumulative((x - means[s]) / deviations[s]) / Double(means.count)
      }
      let d = f - (x >= y ? 1 : 0)
      sum += d * d * h
    }
    return sum
  }

  static let normals: [(Double, Double, Double)] = [
    (0, 1, 0), (1.3, 0.25, 2), (-2, 4, 5), (0.5, 0, -1), (0.5, 0, 0.5),
  ]

  @Test(arguments: normals)
  func crpsIsItsIntegral(mean: Double, variance: Double, y: Double) {
    let score = GaussianScores.crps(y, mean: mean, variance: variance)
    #expect(abs(score - Self.crpsIntegral(y, [mean], [variance])) < 1e-3)
    let one = [mean]
    let own = [variance]
    #expect(abs(score - MixtureScores.crps(y, means: one.span, variances: own.span)) < 1e-12)
  }

  static let mixtures: [([Double], [Double], Double)] = [
    ([0, 1, 3], [1, 0.5, 2], 0.7), ([0, 1, 3], [0, 0, 0], 0.7), ([2, 2, -1], [0, 1, 0], 4),
    ([1.5], [0.3], 1.5),
  ]

  @Test(arguments: mixtures)
  func mixtureCRPSIsItsIntegral(means: [Double], variances: [Double], y: Double) {
    let score = MixtureScores.crps(y, means: means.span, variances: variances.span)
    #expect(abs(score - Self.crpsIntegral(y, means, variances)) < 1e-3)
  }

  @Test func mixtureLikelihood() {
    let means = [0.0, 5]
    let variances = [1.0, 4]
    let density =
      (exp(-0.5) / (2 * Double.pi).squareRoot() + exp(-2) / (8 * Double.pi).squareRoot()) / 2
    let value = MixtureScores.logLikelihood(1, means: means.span, variances: variances.span)!
    #expect(abs(value - log(density)) < 1e-12)
    // Far out, where every density is 0 as a Double.
    let far = MixtureScores.logLikelihood(1000, means: means.span, variances: variances.span)!
    #expect(abs(far - (-0.5 * (log(8 * Double.pi) + 995 * 995 / 4) - log(2))) < 1e-6)
    let points = [1.0, 0]
    #expect(
      MixtureScores.logLikelihood(1, means: means.span, variances: points.span) == nil)
  }

  @Test func intervalScore() {
    #expect(GaussianScores.intervalScore(0.5, 0, 1, level: 0.9) == 1)
    #expect(abs(GaussianScores.intervalScore(1.5, 0, 1, level: 0.9) - 11) < 1e-12)
    #expect(abs(GaussianScores.intervalScore(-1, 0, 1, level: 0.5) - 5) < 1e-12)
  }

  @Test func normalQuantiles() {
    #expect(abs(NormalDistribution.quantile(0.975) - 1.959963984540054) < 1e-12)
    #expect(abs(NormalDistribution.quantile(1e-10) + 6.361340902404056) < 1e-9)
    #expect(NormalDistribution.quantile(0.5) == 0)
    #expect(NormalDistribution.quantile(0) == -.infinity)
    for p in [1e-300, 1e-5, 0.1, 0.3, 0.8, 0.999] {
      let back = NormalDistribution.cumulative(NormalDistribution.quantile(p))
      #expect(abs(back / p - 1) < 1e-12)
    }
  }
}
