import Testing

@testable import Inspection

@Suite struct NumberSummaryTests {
  @Test func rangeAndFirstNonFinite() {
    var summary = NumberSummary()
    summary.add([1.5, -2, 7].span)
    summary.add([Double.nan, 3, .infinity].span)
    #expect(summary.minimum == -2 && summary.maximum == 7)
    #expect(summary.nonFiniteCount == 2 && summary.firstNonFinite?.index == 3)
    #expect(summary.firstNonFinite?.value.isNaN == true && !summary.areWhole)
  }

  @Test func nothingAtAll() {
    let summary = NumberSummary()
    #expect(summary.minimum == .infinity && summary.maximum == -.infinity && summary.areWhole)
  }

  @Test func rowSumsAcrossBlocks() {
    var sums = RowSums(width: 2)
    sums.add([0.5, 0.5, 0.25].span)
    #expect(sums.problem == nil)
    sums.add([0.7, 1, 1].span)
    #expect(sums.problem == "row 1 adds up to 0.95 instead of 1")
  }

  @Test func indicesOfAnElement() {
    #expect(indices(of: 17, in: [2, 3, 4]) == [1, 1, 1])
    #expect(indices(of: 0, in: []) == [])
  }

  /// The rectangles of any shape cover its elements once, in order, and none is too large unless one
  /// index of the last axis is.
  @Test(
    arguments: [[5], [3, 4], [2, 3, 5], [1, 7], [4, 1, 1, 3], [2, 2, 2, 2]], [1, 2, 3, 6, 100])
  func rectanglesCover(_ shape: [Int], _ most: Int) {
    let count = shape.reduce(1, *)
    var next = 0
    for block in rectangles(of: shape, most: most) {
      let size = block.count.reduce(1, *)
      #expect(size <= most)
      for k in 0..<size {
        let place = zip(block.start, indices(of: k, in: block.count)).map { $0 + $1 }
        let element = zip(place, shape).reduce(0) { $0 * $1.1 + $1.0 }
        #expect(element == next, "\(shape) by \(most)")
        next += 1
      }
    }
    #expect(next == count)
  }
}
