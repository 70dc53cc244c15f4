import Glibc
import Testing

@testable import Calibration

@Suite struct RegressionMeterTests {
  @Test func agreesWithTheDefinitions() throws {
    let m: [Double] = [1, 2, -3, 0.5]
    let v: [Double] = [1, 0.25, 4, 0.01]
    let y: [Double] = [1.5, 2, -5, 0.4]
    var meter = RegressionMeter()
    try meter.add(Array(m[..<3]), Array(v[..<3]), Array(y[..<3]))
    try meter.add(Array(m[3...]), Array(v[3...]), Array(y[3...]))
    let report = meter.report()!
    let errors = zip(y, m).map { $0 - $1 }
    #expect(
      abs(report.rootMeanSquaredError - sqrt(errors.map { $0 * $0 }.reduce(0, +) / 4)) < 1e-12)
    #expect(abs(report.meanAbsoluteError - errors.map { abs($0) }.reduce(0, +) / 4) < 1e-12)
    var expected = 0.0
    for i in 0..<4 {
      let density = exp(-errors[i] * errors[i] / (2 * v[i])) / sqrt(2 * Double.pi * v[i])
      expected += log(density) / 4
    }
    #expect(abs(report.logLikelihood! - expected) < 1e-12)
  }

  @Test func withoutVariancesThereIsNoLikelihood() throws {
    var meter = RegressionMeter()
    try meter.add([1], [], [3])
    #expect(meter.report()?.rootMeanSquaredError == 2)
    #expect(meter.report()?.logLikelihood == nil)
    #expect(RegressionMeter().report() == nil)
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
}
