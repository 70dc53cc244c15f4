import Glibc
import Testing

@testable import Calibration

@Suite struct RegressionMeterTests {
  @Test func agreesWithTheDefinitions() throws {
    let m: [Double] = [1, 2, -3, 0.5]
    let v: [Double] = [1, 0.25, 4, 0.01]
    let y: [Double] = [1.5, 2, -5, 0.4]
    var meter = RegressionMeter(levels: [0.5, 0.95])
    try meter.add(Array(m[..<3]), Array(v[..<3]), Array(y[..<3]))
    try meter.add(Array(m[3...]), Array(v[3...]), Array(y[3...]))
    let report = meter.report()!
    let errors = zip(y, m).map { $0 - $1 }
    #expect(
      abs(report.rootMeanSquaredError - sqrt(errors.map { $0 * $0 }.reduce(0, +) / 4)) < 1e-12)
    #expect(abs(report.meanAbsoluteError - errors.map { abs($0) }.reduce(0, +) / 4) < 1e-12)
    var (likelihood, crps) = (0.0, 0.0)
    for i in 0..<4 {
      let density = exp(-errors[i] * errors[i] / (2 * v[i])) / sqrt(2 * Double.pi * v[i])
      likelihood += log(density) / 4
      crps += GaussianScores.crps(y[i], mean: m[i], variance: v[i]) / 4
    }
    #expect(abs(report.logLikelihood! - likelihood) < 1e-12)
    #expect(abs(report.rankedProbabilityScore! - crps) < 1e-12)
    #expect(abs(report.sharpness! - sqrt(v.reduce(0, +) / 4)) < 1e-12)
    for interval in report.intervals {
      let z = interval.level == 0.5 ? 0.6744897501960817 : 1.959963984540054
      var (inside, width, score) = (0.0, 0.0, 0.0)
      for i in 0..<4 {
        let half = z * sqrt(v[i])
        inside += abs(errors[i]) <= half ? 0.25 : 0
        width += half / 2
        score +=
          GaussianScores.intervalScore(
            y[i], m[i] - half, m[i] + half, level: interval.level) / 4
      }
      #expect(interval.coverage == inside && abs(interval.width - width) < 1e-12)
      #expect(abs(interval.score - score) < 1e-12)
    }
    // Φ of the standardised errors 0.5, 0, −1, −1.
    let u = [0.5, 0, -1, -1].map { NormalDistribution.cumulative($0) }
    #expect(report.quantiles.count == 99)
    var error = 0.0
    for (k, quantile) in report.quantiles.enumerated() {
      let level = Double(k + 1) / 100
      #expect(quantile.level == level)
      #expect(quantile.observed == Double(u.count { $0 <= level }) / 4)
      error += abs(quantile.observed - level) / 99
    }
    #expect(abs(report.quantileError! - error) < 1e-12)
    #expect(report.mixtureRankedProbabilityScore == nil)
  }

  @Test func membersAreAMixture() throws {
    var meter = RegressionMeter(outputs: 2)
    let means: [Double] = [1, 10, 2, 20]
    let variances: [Double] = [1, 1, 1, 1]
    let targets: [Double] = [1.5, 9, 2, 22]
    // Three members of each of the four values.
    let memberMeans: [Double] = [0, 1, 2, 9, 10, 11, 1, 2, 3, 19, 20, 21]
    let memberVariances = [Double](repeating: 0.5, count: 12)
    try meter.add(
      means: means.span, variances: variances.span, targets: targets.span,
      memberMeans: memberMeans.span, memberVariances: memberVariances.span)
    let report = meter.report()!
    var (likelihood, crps) = (0.0, 0.0)
    for i in 0..<4 {
      let m = Array(memberMeans[3 * i..<3 * i + 3])
      let v = [0.5, 0.5, 0.5]
      likelihood +=
        MixtureScores.logLikelihood(targets[i], means: m.span, variances: v.span)! / 4
      crps += MixtureScores.crps(targets[i], means: m.span, variances: v.span) / 4
    }
    #expect(report.count == 4)
    #expect(abs(report.mixtureLogLikelihood! - likelihood) < 1e-12)
    #expect(abs(report.mixtureRankedProbabilityScore! - crps) < 1e-12)
  }

  @Test func withoutVariancesThereAreErrorsOnly() throws {
    var meter = RegressionMeter()
    try meter.add([1], [], [3])
    let report = meter.report()!
    #expect(report.rootMeanSquaredError == 2 && report.logLikelihood == nil)
    #expect(report.rankedProbabilityScore == nil && report.quantileError == nil)
    #expect(report.intervals.isEmpty && report.sharpness == nil)
    #expect(RegressionMeter().report() == nil)
  }

  @Test func aVarianceOfZeroIsAPoint() throws {
    var meter = RegressionMeter()
    try meter.add([1, 2, 3], [0, 0, 0], [1, 1, 5])
    let report = meter.report()!
    #expect(report.logLikelihood == nil && report.rankedProbabilityScore == 1)
    #expect(report.intervals[0].coverage == 1.0 / 3 && report.intervals[0].width == 0)
    // Two of three at or below every quantile of their point.
    #expect(report.quantiles.allSatisfy { $0.observed == 2.0 / 3 })
  }

  @Test func refusesNoNumbers() {
    var meter = RegressionMeter()
    #expect(throws: InvalidRow(row: 0, problem: "-1.0 is not a variance")) {
      try meter.add([1], [-1], [3])
    }
    var other = RegressionMeter()
    #expect(throws: InvalidRow.self) {
      try other.add([.nan], [1], [3])
    }
  }

  /// A set that draws each row once gives the metrics themselves, to the 2⁻²⁴ of kept Floats; one
  /// that repeats rows gives those of the repeated rows.
  @Test func resampledRows() throws {
    var generator = SplitMix(state: 4)
    let n = 30
    let m = (0..<2 * n).map { _ in Double.random(in: -3..<3, using: &generator) }
    let v = (0..<2 * n).map { _ in Double.random(in: 0.1..<2, using: &generator) }
    let y = m.map { $0 + Double.random(in: -2..<2, using: &generator) }
    var meter = RegressionMeter(outputs: 2, keepsRows: true)
    try meter.add(m, v, y)
    let counts = (0..<n).map { UInt8($0 % 3) }
    var repeated = RegressionMeter(outputs: 2)
    for i in 0..<n {
      for _ in 0..<counts[i] {
        try repeated.add(
          Array(m[2 * i..<2 * i + 2]), Array(v[2 * i..<2 * i + 2]), Array(y[2 * i..<2 * i + 2]))
      }
    }
    let resampler = meter.resampler!
    let ones = [UInt8](repeating: 1, count: n)
    for (found, expected) in [
      (resampler.report(counts.span), repeated.report()!),
      (resampler.report(ones.span), meter.report()!),
    ] {
      #expect(found.count == expected.count)
      #expect(abs(found.rootMeanSquaredError - expected.rootMeanSquaredError) < 1e-6)
      #expect(abs(found.logLikelihood! - expected.logLikelihood!) < 1e-6)
      #expect(abs(found.intervals[0].score - expected.intervals[0].score) < 1e-5)
      #expect(found.quantiles == expected.quantiles)
    }
  }
}
