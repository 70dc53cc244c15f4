import Testing

@testable import Calibration

@Suite struct BinningTests {
  /// Feeds two-class rows whose first class has the given confidence (at least one half), or, where
  /// it is below, spreads the rest over many classes.
  static func report(
    _ confidences: [Double], _ correct: [Bool], _ binning: Binning, bins: Int
  ) throws -> ClassificationReport {
    var meter = ClassificationMeter(classCount: 40, binning: binning, binCount: bins)
    for (c, isCorrect) in zip(confidences, correct) {
      let row = [c] + Array(repeating: (1 - c) / 39, count: 39)
      try meter.add(row, [isCorrect ? 0 : 1])
    }
    return meter.report()!
  }

  /// The project's golden case.
  static let confidences = (0..<1000).map { 0.1 + 0.9 * (Double($0) + 0.5) / 1000 }
  static let correct = (0..<1000).map {
    Double((7919 * $0) % 1000) / 1000 < confidences[$0] * confidences[$0]
  }
  static let saturated = confidences[..<500] + Array(repeating: 1.0, count: 500)
  static let saturatedCorrect = correct[..<500] + (0..<500).map { $0 % 10 != 0 }

  /// What a damaged file may hold instead of a probability.
  @Test func farOutOfRange() {
    let edges = (0...10).map { Double($0) / 10 }
    for (confidence, bin) in [
      (-1e300, 0), (-.infinity, 0), (1e300, 9), (.infinity, 9), (0, 0), (0.3, 2), (0.31, 3), (1, 9),
    ] as [(Double, Int)] {
      #expect(EqualWidthBins.index(of: confidence, edges: edges.span) == bin)
    }
    #expect((0..<10).contains(EqualWidthBins.index(of: .nan, edges: edges.span)))
  }

  @Test func goldenNumbers() throws {
    let width = try Self.report(Self.confidences, Self.correct, .width, bins: 15)
    #expect(abs(width.accuracy - 0.370) < 1e-12)
    #expect(abs(width.meanConfidence - 0.55) < 1e-9)
    #expect(abs(width.expectedCalibrationError - 0.180000) < 5e-7)
    let published = try Self.report(Self.confidences, Self.correct, .published, bins: 20)
    #expect(abs(published.expectedCalibrationError - 0.178441) < 5e-7)
    #expect(published.bins.reduce(0) { $0 + $1.count } == 979)
  }

  @Test func goldenNumbersOfSaturatedConfidences() throws {
    let c = Array(Self.saturated)
    let correct = Array(Self.saturatedCorrect)
    let width = try Self.report(c, correct, .width, bins: 15)
    #expect(abs(width.expectedCalibrationError - 0.151500) < 5e-7)
    let published = try Self.report(c, correct, .published, bins: 20)
    #expect(abs(published.expectedCalibrationError - 0.099470) < 5e-7)
  }

  @Test func edgesBelongToTheBinBelow() {
    var bins = EqualWidthBins(count: 15)
    for k in 0...15 { bins.add(confidence: Double(k) / 15, correct: true) }
    #expect(bins.bins.map(\.count) == [2] + Array(repeating: 1, count: 14))
    var tens = EqualWidthBins(count: 10)
    for k in 0..<10 { tens.add(confidence: (Double(k) / 10).nextUp, correct: false) }
    #expect(tens.bins.map(\.count) == Array(repeating: 1, count: 10))
    #expect(tens.bins[3].lower == 0.3 && tens.bins[3].upper == 0.4)
    #expect(tens.bins[3].accuracy == 0)
  }

  @Test func equalMassOfDistinctConfidences() throws {
    for (count, bins) in [(1000, 15), (15, 15), (31, 15), (7, 15), (1, 1)] {
      let c = Array(Self.confidences[..<count])
      let correct = Array(Self.correct[..<count])
      let report = try Self.report(c.reversed(), correct.reversed(), .mass, bins: bins)
      var expected = 0.0
      var used = 0
      for bin in 0..<bins {
        let range = bin * count / bins..<(bin + 1) * count / bins
        guard !range.isEmpty else { continue }
        used += 1
        let confidence = c[range].reduce(0, +)
        let right = Double(correct[range].count { $0 })
        expected += abs(right - confidence) / Double(count)
      }
      #expect(abs(report.expectedCalibrationError - expected) < 1e-12)
      #expect(report.bins.count == used)
      #expect(report.bins.map(\.count).reduce(0, +) == Double(count))
    }
  }

  /// Ties are shared out with their mean accuracy, so the order of the rows does not matter.
  @Test func equalMassSharesTies() throws {
    let c = [0.5, 1, 1, 1, 1, 1]
    let correct = [true, true, false, true, true, true]
    let first = try Self.report(c, correct, .mass, bins: 3)
    let second = try Self.report(c, correct.reversed().map { $0 }, .mass, bins: 3)
    #expect(first.bins.map(\.count) == [2, 2, 2])
    #expect(abs(first.bins[0].accuracy! - (1 + 0.8) / 2) < 1e-12)
    #expect(abs(first.bins[2].accuracy! - 0.8) < 1e-12)
    let expected = (abs(1.8 - 1.5) + 2 * abs(1.6 - 2)) / 6
    #expect(abs(first.expectedCalibrationError - expected) < 1e-12)
    #expect(first.accuracy == second.accuracy)
    #expect(first.maximumCalibrationError > 0.19)
  }

  @Test func maximumErrorIsOfOneBin() throws {
    let report = try Self.report(
      [0.95, 0.95, 0.55, 0.55], [true, true, false, true], .width, bins: 10)
    #expect(abs(report.maximumCalibrationError - 0.05) < 1e-12)
    #expect(abs(report.expectedCalibrationError - 0.05) < 1e-12)
    #expect(report.bins[0].accuracy == nil && report.bins[0].gap == nil)
  }
}
