import Synchronization
import Testing
import WeightSpace

@Suite struct BlockTests {
  @Test func folds() {
    let sum = OrderedFold([0.0, 0]) { (total: inout [Double], part: [Double]) in
      for i in part.indices { total[i] += part[i] }
    }
    sum.add([1, 0.5], number: 1)
    #expect(sum.total == [0, 0])
    sum.add([1e17, 1], number: 0)
    sum.add([-1e17, 1], number: 2)
    // 1e17 + 1 is 1e17 in Double: the order shows.
    #expect(sum.total == [0, 2.5])
  }

  /// Every column once, and memory of the block's own width.
  @Test(arguments: [0, 1, 7, 8, 9, 1000])
  func blocks(_ count: Int) throws {
    let blocks = ColumnBlocks(count: count, width: 8)
    #expect(blocks.blockCount == (count + 7) / 8)
    let seen = Mutex([Int](repeating: 0, count: count))
    try blocks.forEachBlock {
      $0
    } _: { columns, width in
      #expect(width == columns.count && width <= 8)
      seen.withLock { for c in columns { $0[c] += 1 } }
    }
    #expect(seen.withLock { $0.allSatisfy { $0 == 1 } })
    try blocks.forEachBlock(isExact: false) {
      $0
    } _: { _, width in
      #expect(width == min(8, count))
    }
  }

  @Test func widths() {
    let threads = Parallelism.threadCount
    func width(_ columns: Int, widest: Int = 1 << 15, leaf: Int = 1) -> Int {
      ColumnBlocks(
        count: 1, memory: columns * 12 * threads, bytesPerColumn: 12, widest: widest, leaf: leaf
      ).width
    }
    #expect(width(5000) == 5000)
    #expect(width(5000, leaf: 256) == 4864)
    #expect(width(1 << 20) == 1 << 15)
    #expect(width(10) == 1024)
    #expect(width(10, leaf: 4096) == 4096)
  }

  @Test func firstError() {
    struct Stop: Error, Equatable { let block: Int }
    #expect(throws: Stop(block: 3)) {
      try ColumnBlocks(count: 100, width: 10).forEachBlock { columns in
        if columns.lowerBound >= 30 { throw Stop(block: columns.lowerBound / 10) }
      }
    }
  }
}
