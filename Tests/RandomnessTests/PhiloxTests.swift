import Files
import Testing

@testable import Randomness

@Suite struct PhiloxTests {
  /// The known answers that Random123 publishes for philox4x32 with 10 rounds.
  @Test func knownAnswers() {
    func words(_ seed: UInt64, _ stream: UInt64, _ counter: UInt64) -> [UInt32] {
      let w = RandomStream.philox(seed: seed, stream: stream, counter: counter)
      return [w.0, w.1, w.2, w.3]
    }
    #expect(words(0, 0, 0) == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
    #expect(
      words(.max, .max, .max) == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
    // Counter 243f6a88 85a308d3 13198a2e 03707344, key a4093822 299f31d0, lowest word first.
    #expect(
      words(0x299f_31d0_a409_3822, 0x0370_7344_1319_8a2e, 0x85a3_08d3_243f_6a88)
        == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
  }

  @Test func streamGivesBlocksInOrder() {
    var stream = RandomStream(seed: 7, stream: 9)
    for counter in 0..<3 {
      let w = RandomStream.philox(seed: 7, stream: 9, counter: UInt64(counter))
      for word in [w.0, w.1, w.2, w.3] { #expect(stream.nextWord() == word) }
    }
    var again = RandomStream(seed: 7, stream: 9)
    let w = RandomStream.philox(seed: 7, stream: 9, counter: 0)
    #expect(again.next() == UInt64(w.0) | UInt64(w.1) << 32)
  }

  @Test func seedsAndStreamsDiffer() {
    var words: Set<UInt64> = []
    for seed in 0..<10 {
      for number in 0..<10 {
        var stream = RandomStream(seed: UInt64(seed), stream: UInt64(number))
        for _ in 0..<10 { words.insert(stream.next()) }
      }
    }
    #expect(words.count == 1000)
  }
}

/// The statistic Σ (observed − expected)²/expected of counts that should be equal.
func chiSquare(_ counts: [Int]) -> Double {
  let expected = Double(counts.reduce(0, +)) / Double(counts.count)
  return counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
}

/// What χ² with k degrees of freedom exceeds by chance less often than once in a million: its mean
/// plus five standard deviations √(2k), and 10 for the skew of small k.
func chiSquareLimit(_ degrees: Int) -> Double {
  Double(degrees) + 5 * (2 * Double(degrees)).squareRoot() + 10
}

@Suite struct UniformTests {
  @Test func fillsTheUnitIntervalEvenly() {
    var stream = RandomStream(seed: 1, stream: 2)
    var counts = [Int](repeating: 0, count: 100)
    for _ in 0..<100_000 {
      let u = stream.uniform()
      #expect(u >= 0 && u < 1)
      counts[Int(u * 100)] += 1
    }
    #expect(chiSquare(counts) < chiSquareLimit(99))
  }

  @Test(arguments: [1, 2, 3, 7, 10, 257] as [UInt32]) func belowABoundEvenly(bound: UInt32) {
    var stream = RandomStream(seed: 3, stream: UInt64(bound))
    var counts = [Int](repeating: 0, count: Int(bound))
    for _ in 0..<(1000 * Int(bound)) { counts[Int(stream.uniform(below: bound))] += 1 }
    #expect(chiSquare(counts) < chiSquareLimit(Int(bound) - 1))
  }

  @Test func largeBoundsAreNotBiased() {
    // With bound ¾·2³², taking the remainder would give the lower third twice its share.
    let bound: UInt32 = 3 << 30
    var stream = RandomStream(seed: 3, stream: 0)
    var counts = [0, 0, 0]
    for _ in 0..<30_000 { counts[Int(stream.uniform(below: bound) >> 30)] += 1 }
    #expect(chiSquare(counts) < chiSquareLimit(2))
  }

  @Test func rangesAreHalfOpen() {
    var stream = RandomStream(seed: 5, stream: 0)
    // So narrow that rounding would often reach the upper bound.
    let narrow: Range<Float> = 1..<(1 + 2 * Float.ulpOfOne)
    for _ in 0..<1000 { #expect(narrow.contains(stream.uniform(in: narrow))) }
    let values = (0..<10_000).map { _ in Double(stream.uniform(in: -3..<5)) }
    #expect(values.allSatisfy { -3 <= $0 && $0 < 5 })
    // The mean of n uniform variates of width 8 has standard error 8/√(12 n).
    let error = 8 / (12.0 * 10_000).squareRoot()
    #expect(abs(values.reduce(0, +) / 10_000 - 1) < 5 * error)
  }
}

@Suite struct PermutationTests {
  @Test(arguments: [0, 1, 2, 1000]) func holdsEveryNumberOnce(count: Int) {
    var stream = RandomStream(seed: 11, stream: 0)
    #expect(stream.permutation(of: count).sorted() == Array(0..<count))
  }

  @Test func everyOrderIsEquallyLikely() {
    var counts: [[Int]: Int] = [:]
    for number in 0..<24_000 {
      var stream = RandomStream(seed: 13, stream: UInt64(number))
      counts[stream.permutation(of: 4), default: 0] += 1
    }
    #expect(counts.count == 24)
    #expect(chiSquare(Array(counts.values)) < chiSquareLimit(23))
  }

  @Test func shuffleMovesElementsAsThePermutation() {
    var first = RandomStream(seed: 17, stream: 1)
    var second = first
    var letters = Array("weightspace")
    let order = first.permutation(of: letters.count)
    let expected = order.map { letters[$0] }
    second.shuffle(&letters)
    #expect(letters == expected)
  }

  /// A mask is made of the stream's words, wherever it is cut.
  @Test func masksAreTheWords() {
    var stream = RandomStream(seed: 5, stream: RandomPurpose.dropout.stream(77))
    let words = (0..<1003).map { _ in stream.nextWord() }
    for threshold in [0, 1 << 30, UInt32.max] as [UInt32] {
      var mask = [Float](repeating: -1, count: 1003)
      for (first, end) in [(0, 64), (64, 68), (68, 200), (200, 1003)] {
        var part = [Float](repeating: -1, count: end - first)
        var span = part.mutableSpan
        RandomStream.writeMask(
          seed: 5, stream: RandomPurpose.dropout.stream(77), from: first, threshold: threshold,
          kept: 1.25, into: &span)
        mask.replaceSubrange(first..<end, with: part)
      }
      let expected: [Float] = words.map { $0 < threshold ? 0 : 1.25 }
      #expect(mask == expected)
    }
  }
}
