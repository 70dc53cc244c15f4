import Files
import Testing

@testable import Calibration

@Suite struct ClassTableTests {
  /// The definition: every probability put into its bin.
  static func naive(
    _ rows: [[Double]], _ classes: [Int32], bins: Int
  ) -> (counts: [Int], sums: [Double], trues: [Int]) {
    let width = rows[0].count
    var counts = [Int](repeating: 0, count: width * bins)
    var sums = [Double](repeating: 0, count: width * bins)
    var trues = counts
    for (row, y) in zip(rows, classes) {
      for (j, p) in row.enumerated() {
        let k = (0..<bins).first { p <= Double($0 + 1) / Double(bins) }!
        counts[j * bins + k] += 1
        sums[j * bins + k] += p
        trues[j * bins + k] += j == Int(y) ? 1 : 0
      }
    }
    return (counts, sums, trues)
  }

  /// Widths around the eight lanes and the 64 groups that are looked at together; cuts anywhere.
  @Test(arguments: [1, 2, 7, 8, 9, 17, 100, 511, 512, 513, 1030])
  func agreesWithTheDefinition(classes: Int) throws {
    let (rows, labels) = randomRows(150, classes: classes, seed: UInt64(classes))
    let floats = rows.map { $0.map { Float($0) } }
    for bins in [1, 2, 15] {
      let exact = Self.naive(rows, labels, bins: bins)
      let rounded = Self.naive(floats.map { $0.map { Double($0) } }, labels, bins: bins)
      var wide = ClassTable(classCount: classes, binCount: bins)
      var narrow = wide
      for range in [0..<70, 70..<71, 71..<150] {
        var wideBlock = ClassTable(classCount: classes, binCount: bins, rows: range.count)
        var narrowBlock = wideBlock
        let flat = Array(rows[range].joined())
        let flatFloats = Array(floats[range].joined())
        for (i, row) in range.enumerated() {
          _ = wideBlock.add(flat.span, start: i * classes, label: Int(labels[row]))
          _ = narrowBlock.add(flatFloats.span, start: i * classes, label: Int(labels[row]))
        }
        wide.merge(wideBlock)
        narrow.merge(narrowBlock)
      }
      // Sums of 150 numbers up to 1. Floats are summed in Float over up to 64 rows: each of 150
      // additions rounds by at most 2⁻¹⁹, half the last digit of a number below 64.
      for (cells, expected, tolerance) in [
        (wide.result(), exact, 1e-12), (narrow.result(), rounded, 150 * 0x1p-19),
      ] {
        for (i, cell) in cells.enumerated() {
          #expect(cell.count == expected.counts[i] && cell.trues == expected.trues[i])
          #expect(abs(cell.sum - expected.sums[i]) < tolerance)
        }
      }
    }
  }

  @Test func classwiseErrorAndBrierParts() throws {
    let (rows, labels) = randomRows(300, classes: 4, seed: 9)
    var meter = ClassificationMeter(classCount: 4, binCount: 10)
    try meter.add(Array(rows.joined()), labels)
    let report = meter.report()!
    let (counts, sums, trues) = Self.naive(rows, labels, bins: 10)
    var error = 0.0
    var (reliability, resolution, uncertainty) = (0.0, 0.0, 0.0)
    for j in 0..<4 {
      let base = labels.reduce(0.0) { $0 + ($1 == j ? 1 : 0) } / 300
      uncertainty += base * (1 - base)
      for k in 0..<10 where counts[j * 10 + k] > 0 {
        let n = Double(counts[j * 10 + k])
        let p = sums[j * 10 + k] / n
        let y = Double(trues[j * 10 + k]) / n
        error += n / 300 * abs(p - y) / 4
        reliability += n / 300 * (p - y) * (p - y)
        resolution += n / 300 * (y - base) * (y - base)
      }
    }
    #expect(abs(report.classwiseCalibrationError! - error) < 1e-12)
    #expect(abs(report.brierParts!.reliability - reliability) < 1e-12)
    #expect(abs(report.brierParts!.resolution - resolution) < 1e-12)
    #expect(abs(report.brierParts!.uncertainty - uncertainty) < 1e-12)
  }

  /// Where all rows of a bin have one probability, the parts make up the score to the last digit.
  @Test func partsOfDiscreteProbabilitiesAddUp() throws {
    let levels: [[Double]] = [[0.125, 0.875], [0.375, 0.625], [0.625, 0.375], [1, 0]]
    var meter = ClassificationMeter(classCount: 2, binCount: 8)
    for i in 0..<97 {
      try meter.add(levels[i % 4], [Int32((i * i) % 2)])
    }
    let report = meter.report()!
    let parts = report.brierParts!
    #expect(
      abs(report.brierScore - (parts.reliability - parts.resolution + parts.uncertainty)) < 1e-12)
    #expect(parts.resolution > 0 && parts.reliability > 0)
  }

  /// One example, one class, a probability of 1: nothing to be said against it.
  @Test func oneOfEverything() throws {
    var meter = ClassificationMeter(classCount: 1)
    try meter.add([1] as [Float], [0])
    let report = meter.report()!
    #expect(report.classwiseCalibrationError == 0 && report.accuracy == 1)
    #expect(report.topFiveAccuracy == 1)
    #expect(report.brierParts == BrierParts())
  }
}
