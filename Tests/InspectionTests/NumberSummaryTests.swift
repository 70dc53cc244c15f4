import Testing

@testable import Inspection

@Suite struct NumberSummaryTests {
  @Test func rangeAndFirstNonFinite() {
    var summary = NumberSummary()
    summary.add([1.5, -2, 7].span)
    summary.add([Double.nan, 3, .infinity].span)
    #expect(summary.minimum == -2 && summary.maximum == 7)
    #expect(summary.nonFiniteCount == 2 && summary.firstNonFinite?.index == 3)
    #expect(summary.firstNonFinite?.value.isNaN == true)
  }

  @Test func nothingAtAll() {
    let summary = NumberSummary()
    #expect(summary.minimum == .infinity && summary.maximum == -.infinity)
  }

  @Test func indicesOfAnElement() {
    #expect(indices(of: 17, in: [2, 3, 4]) == [1, 1, 1])
    #expect(indices(of: 0, in: []) == [])
  }

  @Test func rowSumsAcrossBlocks() {
    var sums = RowSums(width: 2)
    sums.add([0.5, 0.5, 0.25].span)
    #expect(sums.problem == nil)
    sums.add([0.7, 1, 1].span)
    #expect(sums.problem == "row 1 adds up to 0.95 instead of 1")
  }
}
