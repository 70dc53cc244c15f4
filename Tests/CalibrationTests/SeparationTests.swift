import Glibc
import Testing

@testable import Calibration

@Suite struct SeparationTests {
  /// The definitions, pair by pair and threshold by threshold.
  static func naive(_ inside: [Double], _ outside: [Double]) -> Separation {
    var area = 0.0
    for a in inside { for b in outside { area += b > a ? 1 : b == a ? 0.5 : 0 } }
    let thresholds = Set(inside + outside).sorted()
    func precisionArea(_ positive: [Double], _ negative: [Double]) -> Double {
      var (result, before) = (0.0, 0.0)
      // From the largest score down.
      for t in Set(positive + negative).sorted(by: >) {
        let hits = Double(positive.count { $0 >= t })
        let recall = hits / Double(positive.count)
        result += (recall - before) * hits / (hits + Double(negative.count { $0 >= t }))
        before = recall
      }
      return result
    }
    let pass = thresholds.first { t in
      20 * inside.count { $0 <= t } >= 19 * inside.count
    }!
    return Separation(
      areaUnderROC: area / Double(inside.count * outside.count),
      areaUnderPrecisionOutside: precisionArea(outside, inside),
      areaUnderPrecisionInside: precisionArea(inside.map { -$0 }, outside.map { -$0 }),
      falsePositiveRateAt95: Double(outside.count { $0 <= pass }) / Double(outside.count))
  }

  static func expectEqual(_ a: Separation, _ b: Separation) {
    #expect(abs(a.areaUnderROC - b.areaUnderROC) < 1e-12)
    #expect(abs(a.areaUnderPrecisionOutside - b.areaUnderPrecisionOutside) < 1e-12)
    #expect(abs(a.areaUnderPrecisionInside - b.areaUnderPrecisionInside) < 1e-12)
    #expect(abs(a.falsePositiveRateAt95 - b.falsePositiveRateAt95) < 1e-12)
  }

  /// With many ties, with few, and with sets of very different sizes.
  @Test(arguments: [(1, 1, 3.0), (20, 40, 5.0), (100, 7, 1000.0), (57, 61, 2.0), (200, 100, 1e6)])
  func agreesWithTheDefinitions(inside: Int, outside: Int, values: Double) {
    var generator = SplitMix(state: UInt64(inside))
    let a = (0..<inside).map { _ in (Double.random(in: 0..<1, using: &generator) * values).rounded()
    }
    let b = (0..<outside).map { _ in
      (Double.random(in: 0.2..<1.3, using: &generator) * values).rounded()
    }
    let scores = SeparationScores(inside: a, outside: b)
    Self.expectEqual(scores.measure(), Self.naive(a, b))
    // Counts are repetitions.
    let countsA = (0..<inside).map { UInt8(($0 * 7 + 1) % 3) }
    let countsB = (0..<outside).map { UInt8(($0 + 1) % 4) }
    let repeatedA = a.indices.flatMap { Array(repeating: a[$0], count: Int(countsA[$0])) }
    let repeatedB = b.indices.flatMap { Array(repeating: b[$0], count: Int(countsB[$0])) }
    Self.expectEqual(
      scores.measure(insideCounts: countsA.span, outsideCounts: countsB.span),
      Self.naive(repeatedA, repeatedB))
  }

  @Test func extremes() {
    let apart = SeparationScores(inside: [0, 1], outside: [2, 3]).measure()
    #expect(apart.areaUnderROC == 1 && apart.areaUnderPrecisionOutside == 1)
    #expect(apart.areaUnderPrecisionInside == 1 && apart.falsePositiveRateAt95 == 0)
    let same = SeparationScores(inside: [1, 1], outside: [1, 1, 1]).measure()
    #expect(same.areaUnderROC == 0.5 && same.falsePositiveRateAt95 == 1)
    #expect(same.areaUnderPrecisionOutside == 0.6 && same.areaUnderPrecisionInside == 0.4)
    #expect(SeparationScores(inside: [2], outside: [1]).measure().areaUnderROC == 0)
  }

  @Test func histogramOfEntropies() {
    #expect(EntropyHistogram.edges.count == 30)
    #expect(abs(EntropyHistogram.edges[29] - 10.0.squareRoot()) < 1e-12)
    let one = EntropyHistogram([0, 1e-9, 2e-8, 0.5, 0.5, 3, 4])
    #expect(one.dropped == 3 && one.counts.reduce(0, +) == 4)
    // 8.5/29 decades a bin: 0.5 is 7.699 decades above 10⁻⁸, in bin 26.
    #expect(one.counts[26] == 2 && one.counts[28] == 1 && one.counts[1] == 1)
    let other = EntropyHistogram([0.5, 3, 3, 3])
    let p = one.counts.map { (Double($0) + 1e-7) / (4 + 29e-7) }
    let q = other.counts.map { (Double($0) + 1e-7) / (4 + 29e-7) }
    var divergence = 0.0
    for k in 0..<29 { divergence += p[k] * log(p[k] / q[k]) + q[k] * log(q[k] / p[k]) }
    #expect(abs(one.symmetricDivergence(from: other) - divergence) < 1e-12)
    #expect(one.symmetricDivergence(from: one) == 0)
  }
}
