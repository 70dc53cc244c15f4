import Testing

@testable import Randomness

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

private func normals(_ count: Int, seed: UInt64, stream: UInt64 = 0, from index: Int = 0) -> [Float]
{
  var values = [Float](repeating: 0, count: count)
  var span = values.mutableSpan
  RandomStream.fillNormals(&span, seed: seed, stream: stream, from: index)
  return values
}

@Suite struct NormalBits {
  /// Box and Muller's formula in Double with the C library's functions.
  @Test func equalsNaiveTwin() {
    let blocks = 20_000
    let values = normals(4 * blocks, seed: 99, stream: 5)
    for block in 0..<blocks {
      let w = RandomStream.philox(seed: 99, stream: 5, counter: UInt64(block))
      for (k, pair) in [(w.0, w.1), (w.2, w.3)].enumerated() {
        let u = (Double(pair.0) + 0.5) * 0x1p-32
        let angle = 2 * Double.pi * Double(pair.1) * 0x1p-32
        let radius = (-2 * log(u)).squareRoot()
        // A few roundings of Float; near u = 1 that of u itself, which moves the radius by up to
        // 2⁻²⁵/radius.
        let tolerance = 8 * radius * 0x1p-24 + 0x1p-24 / radius
        #expect(abs(Double(values[4 * block + 2 * k]) - radius * cos(angle)) < tolerance)
        #expect(abs(Double(values[4 * block + 2 * k + 1]) - radius * sin(angle)) < tolerance)
      }
    }
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5, 8, 31, 32, 33, 63, 1000])
  func doNotDependOnHowTheyAreCut(start: Int) {
    let whole = normals(1100, seed: 4, stream: 3)
    for count in [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 97] {
      #expect(
        normals(count, seed: 4, stream: 3, from: start) == Array(whole[start..<start + count]))
    }
    #expect(RandomStream.normal(seed: 4, stream: 3, index: start) == whole[start])
  }

  @Test func streamDrawsTheFirstOfEachPair() {
    var stream = RandomStream(seed: 8, stream: 1)
    let whole = normals(8, seed: 8, stream: 1)
    #expect((0..<4).map { _ in stream.normal() } == [whole[0], whole[2], whole[4], whole[6]])
  }

  /// The same bits on every machine, whatever its vector instructions and C library.
  @Test func knownBits() {
    let values = normals(8, seed: 0)
    let known: [UInt32] = [
      0x3f7d_bb31, 0xbf6c_b6b0, 0xbf1e_1b9f, 0xbef6_d1b2,
      0xbe1d_5354, 0x3e39_2a68, 0x3f54_ec97, 0x3e4a_2da2,
    ]
    #expect(values.map(\.bitPattern) == known)
  }

  @Test func extremeWordsAreFinite() {
    let values = normals(4_000_000, seed: 21)
    #expect(values.allSatisfy { $0.isFinite && abs($0) < 6.78 })
  }
}

@Suite struct NormalStatistics {
  static let count = 1_000_000
  static let values = normals(count, seed: 2024, stream: 7).map { Double($0) }

  /// Mean of f(z), which must lie within five standard errors √(variance/n) of its expectation.
  func check(_ expectation: Double, variance: Double, _ f: (Double) -> Double) {
    let mean = Self.values.reduce(0) { $0 + f($1) } / Double(Self.count)
    #expect(abs(mean - expectation) < 5 * (variance / Double(Self.count)).squareRoot())
  }

  @Test func moments() {
    check(0, variance: 1) { $0 }
    check(1, variance: 2) { $0 * $0 }
    check(0, variance: 15) { $0 * $0 * $0 }
    check(3, variance: 96) { $0 * $0 * $0 * $0 }
  }

  @Test func distribution() {
    // A hundred equally likely cells, by the normal distribution function.
    var counts = [Int](repeating: 0, count: 100)
    for z in Self.values { counts[min(99, Int(50 * erfc(-z / 2.0.squareRoot())))] += 1 }
    #expect(chiSquare(counts) < chiSquareLimit(99))
  }

  @Test func tails() {
    // P(|z| > 4) = 6.334e-5: a binomial count, within five standard deviations.
    let expected = 6.334e-5 * Double(Self.count)
    let found = Double(Self.values.count { abs($0) > 4 })
    #expect(abs(found - expected) < 5 * expected.squareRoot())
  }

  @Test(arguments: 1...9) func neighboursAreUncorrelated(lag: Int) {
    let v = Self.values
    var sum = 0.0
    for i in lag..<v.count { sum += v[i] * v[i - lag] }
    #expect(abs(sum / Double(v.count)) < 5 / Double(v.count).squareRoot())
  }

  @Test func streamsAreUncorrelated() {
    let other = normals(Self.count, seed: 2024, stream: 8)
    var sum = 0.0
    for (a, b) in zip(Self.values, other) { sum += a * Double(b) }
    #expect(abs(sum / Double(Self.count)) < 5 / Double(Self.count).squareRoot())
  }
}
