import Glibc
import Testing

@testable import Calibration

@Suite struct ClassificationMeterTests {
  /// Row lengths around the eight lanes, and block lengths that cut the rows anywhere.
  @Test(arguments: [1, 2, 7, 8, 9, 10, 16, 17, 100])
  func agreesWithTheDefinitions(classes: Int) throws {
    let (rows, labels) = randomRows(211, classes: classes, seed: UInt64(classes))
    let expected = NaiveMetrics(rows, labels)
    for block in [1, 13, 211] {
      var doubles = ClassificationMeter(classCount: classes)
      var floats = doubles
      for start in stride(from: 0, to: rows.count, by: block) {
        let range = start..<min(start + block, rows.count)
        let flat = Array(rows[range].joined())
        let y = Array(labels[range])
        try doubles.add(flat, y)
        try floats.add(flat.map { Float($0) }, y)
      }
      for (report, tolerance) in [(doubles.report()!, 1e-12), (floats.report()!, 3e-6)] {
        #expect(report.count == 211)
        #expect(abs(report.accuracy - expected.accuracy) < 1e-12)
        #expect(
          abs(report.negativeLogLikelihood - expected.negativeLogLikelihood)
            < tolerance * max(1, expected.negativeLogLikelihood))
        #expect(abs(report.brierScore - expected.brier) < tolerance)
        #expect(abs(report.meanConfidence - expected.confidence) < tolerance)
        #expect(abs(report.meanEntropy - expected.entropy) < tolerance * log(Double(classes + 2)))
      }
    }
  }

  @Test func firstOfEqualLargestIsThePrediction() throws {
    var meter = ClassificationMeter(classCount: 3)
    let p: [Float] = [0.4, 0.4, 0.2, 0.4, 0.4, 0.2]
    try meter.add(p, [0, 1])
    #expect(meter.report()?.accuracy == 0.5)
  }

  @Test func zeroProbabilityOfTheClassIsInfiniteUnlessClipped() throws {
    let p: [Float] = [1, 0, 0.5, 0.5]
    let y: [Int32] = [1, 0]
    var meter = ClassificationMeter(classCount: 2)
    try meter.add(p, y)
    #expect(meter.report()?.negativeLogLikelihood == .infinity)
    #expect(meter.report()?.infiniteCount == 1)
    #expect(meter.report()?.brierScore == 1.25)
    var clipped = ClassificationMeter(classCount: 2, clip: 1e-6)
    try clipped.add(p, y)
    let expected = (-log(1e-6) - log(0.5)) / 2
    #expect(abs(clipped.report()!.negativeLogLikelihood - expected) < 1e-12)
    #expect(clipped.report()?.infiniteCount == 0)
  }

  @Test func sureAndRightIsPerfect() throws {
    var meter = ClassificationMeter(classCount: 4)
    try meter.add([0, 0, 1, 0] as [Float], [2])
    let report = meter.report()!
    #expect(report.accuracy == 1 && report.negativeLogLikelihood == 0 && report.brierScore == 0)
    #expect(report.meanEntropy == 0 && report.expectedCalibrationError == 0)
    #expect(report.bins.last?.count == 1)
  }

  @Test func nothingIsNoReport() {
    #expect(ClassificationMeter(classCount: 2).report() == nil)
  }

  static let badRows: [([Float], Int32, String)] = [
    ([0.5, 0.25], 0, "row 1: the probabilities sum to 0.75, not to 1"),
    ([.nan, 0.5], 0, "row 1: a probability is NaN"),
    ([2, -1], 0, "row 1: -1.0 is not a probability (are these logits?)"),
    ([2, 0], 0, "row 1: 2.0 is not a probability (are these logits?)"),
    ([.infinity, 0], 0, "row 1: inf is not a probability (are these logits?)"),
    ([0.5, 0.5], 2, "row 1: class 2 is not one of 0…1"),
    ([0.5, 0.5], -1, "row 1: class -1 is not one of 0…1"),
  ]

  @Test(arguments: badRows)
  func refusesWhatIsNoDistribution(row: [Float], label: Int32, message: String) throws {
    var meter = ClassificationMeter(classCount: 2)
    try meter.add([0.5, 0.5] as [Float], [0])
    let error = #expect(throws: InvalidRow.self) {
      try meter.add(row, [label])
    }
    #expect(error?.description == message)
    var doubles = ClassificationMeter(classCount: 2)
    try doubles.add([0.5, 0.5] as [Double], [0])
    let same = #expect(throws: InvalidRow.self) {
      try doubles.add(row.map { Double($0) }, [label])
    }
    #expect(same?.description == message)
  }

  @Test func logarithmIsAccurate() {
    var x: Float = 1e-37
    while x <= 1 {
      let value = RowLanes.logarithm(SIMD8(repeating: x))[3]
      let exact = log(Double(x))
      #expect(abs(Double(value) - exact) <= 2e-7 * max(1, abs(exact)))
      x *= 1.0137
    }
    #expect(RowLanes.logarithm(SIMD8(repeating: 0))[0].isFinite)
    #expect(RowLanes.logarithm(SIMD8(repeating: 1))[0] == 0)
  }

  @Test func softmaxIsShiftInvariantAndExact() throws {
    var z: [Double] = [1000, 1000 + log(3), -1000, 0, 0, 0]
    var span = z.mutableSpan
    try softmax(&span, classCount: 3)
    #expect(abs(z[0] - 0.25) < 1e-12 && abs(z[1] - 0.75) < 1e-12 && z[2] == 0)
    for j in 3..<6 { #expect(z[j] == 1.0 / 3) }
    var bad: [Double] = [0, 0, .nan, 1]
    let error = #expect(throws: InvalidRow.self) {
      var span = bad.mutableSpan
      try softmax(&span, classCount: 2, firstRow: 10)
    }
    #expect(error?.description == "row 11: a logit is not finite")
  }
}
