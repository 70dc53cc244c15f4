import Testing

@testable import HDF5

@Suite struct BlocksTests {
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
