import Testing

@testable import Randomness

@Suite struct ResamplingTests {
  static func counts(_ rows: Int, seed: UInt64, stream: UInt64) -> [UInt8] {
    var counts = [UInt8](repeating: 9, count: rows)
    var span = counts.mutableSpan
    RandomStream.fillResamplingCounts(&span, seed: seed, stream: stream)
    return counts
  }

  @Test(arguments: [0, 1, 2, 3, 7, 1000, 5000])
  func asManyAreDrawnAsThereAre(rows: Int) {
    for stream in 0..<5 {
      let counts = Self.counts(rows, seed: 1, stream: UInt64(stream))
      #expect(counts.reduce(0) { $0 + Int($1) } == rows)
      #expect(counts == Self.counts(rows, seed: 1, stream: UInt64(stream)))
    }
  }

  /// The words of the stream, one after the other, put into rows by multiplication.
  @Test func agreesWithTheWordsOfTheStream() {
    for rows in [3, 1000, 3001] {
      var stream = RandomStream(seed: 5, stream: 6)
      var expected = [UInt8](repeating: 0, count: rows)
      for _ in 0..<rows { expected[Int(stream.uniform(below: UInt32(rows)))] += 1 }
      #expect(Self.counts(rows, seed: 5, stream: 6) == expected)
    }
  }

  /// How often a row is drawn is binomial(N, 1/N): over 2000 sets of 50 rows the mean of (n − 1)² is
  /// its variance 0.98, with a standard error of 0.0055; rows 0 and 49 are drawn 2000 ± 44 times.
  @Test func countsAreBinomial() {
    var square = 0.0
    var first = 0
    var last = 0
    for stream in 0..<2000 {
      let counts = Self.counts(50, seed: 2, stream: UInt64(stream))
      for n in counts { square += (Double(n) - 1) * (Double(n) - 1) / 100_000 }
      first += Int(counts[0])
      last += Int(counts[49])
    }
    #expect(abs(square - 0.98) < 0.022)
    #expect(abs(first - 2000) < 176 && abs(last - 2000) < 176)
  }
}
