import Testing

@testable import Randomness

@Suite struct PurposeTests {
  /// Every purpose has a code of its own, and none is 0, so that no stream is one of another purpose
  /// or a bare number.
  @Test func noTwoPurposesShareAStream() {
    let codes = RandomPurpose.allCases.map(\.rawValue)
    #expect(Set(codes).count == codes.count && !codes.contains(0))
    let streams = RandomPurpose.allCases.flatMap { purpose in
      [0, 1, 1 << 47, (1 << 48) - 1].map { purpose.stream($0).value }
    }
    #expect(Set(streams).count == streams.count)
  }

  /// The upper 16 bits are the purpose, the lower 48 the index: numbers that results depend on.
  @Test func codesStayAsTheyAre() {
    #expect(RandomPurpose.permutation.stream(5).value == 0x5045_0000_0000_0005)
    #expect(RandomPurpose.initialWeights.stream().value == 0x4957_0000_0000_0000)
    #expect(RandomPurpose.bootstrap.stream(1 << 40).value == 0x4253_0100_0000_0000)
  }
}
