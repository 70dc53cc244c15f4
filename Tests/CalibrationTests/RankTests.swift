import Testing

@testable import Calibration

@Suite struct RankTests {
  @Test(arguments: [1, 4, 8, 9, 24, 31, 100])
  func agreesWithSorting(classes: Int) {
    var generator = SplitMix(state: UInt64(classes))
    for _ in 0..<50 {
      // Few values, so that there are many ties.
      let row = (0..<classes).map { _ in Float.random(in: 0..<6, using: &generator).rounded() }
      let doubles = row.map { Double($0) }
      let padded = [9] + row
      // A stable order from the largest down.
      let order = row.indices.sorted { row[$0] > row[$1] || row[$0] == row[$1] && $0 < $1 }
      for label in 0..<classes {
        let expected = order.firstIndex(of: label)!
        #expect(
          Float.rank(of: label, in: padded.span, start: 1, count: classes) == expected)
        #expect(Double.rank(of: label, in: doubles.span, start: 0, count: classes) == expected)
      }
    }
  }

  @Test func topFive() throws {
    let (rows, labels) = randomRows(200, classes: 12, seed: 5)
    var meter = ClassificationMeter(classCount: 12)
    try meter.add(rows.joined().map { Float($0) }, labels)
    var expected = 0.0
    for (row, y) in zip(rows, labels) {
      // Earlier classes first among equals.
      let before = row.indices.count { row[$0] > row[Int(y)] || row[$0] == row[Int(y)] && $0 < y }
      expected += before < 5 ? 1.0 / 200 : 0
    }
    #expect(abs(meter.report()!.topFiveAccuracy - expected) < 1e-12)
    var plain = ClassificationMeter(classCount: 12, ranks: false)
    try plain.add(rows.joined().map { Float($0) }, labels)
    #expect(plain.report()!.accuracy == meter.report()!.accuracy)
  }
}
