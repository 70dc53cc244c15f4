import Testing

@testable import Calibration

@Suite struct ConformalTests {
  @Test func ranks() {
    // ⌈(n + 1) level⌉: 0.9 · 10 is 9 whatever its rounding.
    #expect(conformalRank(9, level: 0.9) == 9 && conformalRank(10, level: 0.9) == 10)
    #expect(conformalRank(99, level: 0.95) == 95 && conformalRank(8, level: 0.9) == 9)
    #expect(conformalRank(100, level: 0.95) == 96)
  }

  @Test func setsOfFewRows() {
    // The second largest of three: ⌈4 · 0.5⌉ = 2.
    var sets = ConformalSets(calibration: [0.2, 0.9, 0.6], level: 0.5)
    #expect(sets.threshold == 0.6)
    let p: [Double] = [0.6, 0.4, 0.5, 0.5, 0.1, 0.9]
    let classes: [Int32] = [0, 1, 0]
    sets.add(probabilities: p.span, classes: classes.span, classCount: 2)
    #expect(sets.meanSize == 2.0 / 3 && sets.emptyShare == 1.0 / 3)
    #expect(sets.coverage == 1.0 / 3)
    // Too few for the level: everything is in every set.
    var all = ConformalSets(calibration: [0.5], level: 0.9)
    all.add(probabilities: p.span, classes: classes.span, classCount: 2)
    #expect(all.threshold == 0 && all.meanSize == 2 && all.coverage == 1)
  }

  /// Exchangeable halves of useless predictions: over 400 splits of 60 + 60 rows the mean coverage is
  /// ⌈61 · level⌉/61 for scores without ties. One split's has a deviation of at most √(¼/62 + ¼/60) <
  /// 0.1, the mean of 400 one of 0.005.
  @Test(arguments: [0.5, 0.8, 0.9])
  func coverageIsReached(level: Double) {
    var mean = 0.0
    var generator = SplitMix(state: 12)
    for _ in 0..<400 {
      let classes = (0..<120).map { _ in Int32.random(in: 0..<6, using: &generator) }
      let rows = classes.map { _ in
        let weights = (0..<6).map { _ in Double.random(in: 0..<1, using: &generator) }
        return weights.map { $0 / weights.reduce(0, +) }
      }
      let own = zip(rows, classes).map { $0[Int($1)] }
      var sets = ConformalSets(calibration: Array(own[..<60]), level: level)
      let flat = Array(rows[60...].joined())
      let labels = Array(classes[60...])
      sets.add(probabilities: flat.span, classes: labels.span, classCount: 6)
      mean += sets.coverage / 400
    }
    let expected = Double(conformalRank(60, level: level)) / 61
    #expect(expected >= level && abs(mean - expected) < 4 * 0.1 / 20)
  }

  @Test func factorsOfRegressions() throws {
    let errors = try standardizedErrors(
      means: [0, 0, 1, 1], variances: [1, 4, 0, 0], targets: [2, -2, 1, 3])
    #expect(errors == [2, 1, 0, .infinity])
    #expect(conformalFactor(calibration: errors, level: 0.5) == 2)
    #expect(conformalFactor(calibration: errors, level: 0.9) == .infinity)
    #expect(throws: InvalidRow.self) {
      _ = try standardizedErrors(means: [0], variances: [-1], targets: [1])
    }
  }
}
