import Files
import Testing

@Suite struct ExtentsTests {
  @Test func products() {
    #expect(Extents.product([]) == 1)
    #expect(Extents.product([2, 3, 4], times: 8) == 192)
    #expect(Extents.product([2, 0, 4]) == 0)
    #expect(Extents.product([2, -2]) == nil)
    #expect(Extents.product([-1, 0]) == nil)
    #expect(Extents.product([1 << 32, 1 << 31]) == nil)
    #expect(Extents.product([1 << 60], times: 8) == nil)
    // No product of some of them may overflow either.
    #expect(Extents.product([0, 1 << 62, 4]) == nil)
  }

  @Test func sums() {
    #expect(Extents.sum([1, 2, 3]) == 6)
    #expect(Extents.sum([.max, 1]) == nil)
  }

  @Test func names() {
    let composed = "\u{e9}"
    let decomposed = "e\u{301}"
    #expect(composed == decomposed)
    #expect(!composed.isSameName(as: decomposed) && composed.isSameName(as: "\u{e9}"))
    #expect(composed.nameBytes != decomposed.nameBytes)
  }
}
