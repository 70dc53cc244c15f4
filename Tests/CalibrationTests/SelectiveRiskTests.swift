import Testing

@testable import Calibration

@Suite struct SelectiveRiskTests {
  static func risk(
    _ confidences: [Double], _ correct: [Bool], points: Int = 0
  ) -> SelectiveRisk {
    var rows = RowScores()
    for (c, right) in zip(confidences, correct) { rows.add(confidence: c, correct: right) }
    let ordered = OrderedRows(rows: rows, order: ConfidenceOrder(rows.confidences))
    return ordered.selectiveRisk(counts: .init(), pointCount: points)!
  }

  @Test func definition() {
    let c = [0.9, 0.2, 0.8, 0.5, 0.6]
    let correct = [true, true, false, false, true]
    // From the most confident: right, wrong, right, wrong, right.
    let risks = [0, 1.0 / 2, 1.0 / 3, 2.0 / 4, 2.0 / 5]
    let result = Self.risk(c, correct, points: 5)
    #expect(abs(result.area - risks.reduce(0, +) / 5) < 1e-12)
    // The best order: three right, then two wrong.
    #expect(abs(result.excess - (result.area - (1.0 / 4 + 2.0 / 5) / 5)) < 1e-12)
    #expect(result.curve.map(\.confidence) == [0.9, 0.8, 0.6, 0.5, 0.2])
    for (point, risk) in zip(result.curve, risks) { #expect(abs(point.risk - risk) < 1e-12) }
    #expect(Self.risk(c, correct, points: 2).curve.map(\.coverage) == [0.6, 1])
    #expect(Self.risk([0.5], [false]).area == 1 && Self.risk([0.5], [false]).excess == 0)
    #expect(Self.risk([0.5], [true]).area == 0)
  }

  /// Ties count as the mean over all their orders.
  @Test func tiesAreAveraged() {
    let correct = [true, false, false, true]
    let tied = Self.risk([0.9, 0.5, 0.5, 0.5], correct)
    var mean = 0.0
    // Where the one right answer among the three comes: first, second, third.
    for place in 0..<3 {
      var wrong = 0.0
      for i in 1...3 {
        if i - 1 != place { wrong += 1 }
        mean += wrong / Double(i + 1) / 4 / 3
      }
    }
    #expect(abs(tied.area - mean) < 1e-12)
    #expect(Self.risk([0.5, 0.5, 0.5, 0.9], correct.reversed()).area == tied.area)
  }
}
