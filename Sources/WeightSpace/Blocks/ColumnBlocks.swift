import Synchronization

/// How the columns of long rows, such as weights that stay in files, are cut into blocks that fit in
/// memory.
///
/// Only speed and memory depend on it: what is made of a column knows nothing of its block, and sums
/// over columns are made of leaves of fixed length in the columns' order.
public struct ColumnBlocks: Sendable, Equatable {
  /// P, all columns.
  public let count: Int
  /// The columns of a block; the last block may have fewer.
  public let width: Int

  /// Blocks of `width` columns, at least 1.
  public init(count: Int, width: Int) {
    precondition(count >= 0 && width > 0, "a block has at least one column")
    self.count = count
    self.width = width
  }

  /// Blocks as wide as `memory` bytes allow when each of `Parallelism.threadCount` threads needs
  /// `bytesPerColumn`, but not wider than pays.
  ///
  /// - Parameters:
  ///   - widest: what pays, such as what a second-level cache holds.
  ///   - leaf: widths are multiples of it. It may be what makes a block wider than memory allows, as
  ///     may 1024 columns, below which reading gets slow.
  public init(count: Int, memory: Int, bytesPerColumn: Int, widest: Int, leaf: Int = 1) {
    let affordable = memory / (Parallelism.threadCount * bytesPerColumn)
    self.init(count: count, width: min(max(affordable, 1024, leaf), widest) / leaf * leaf)
  }

  /// The number of blocks.
  public var blockCount: Int { (count + width - 1) / width }

  /// What all threads hold at once where each needs so many bytes for each column of its block.
  public func memoryBytes(bytesPerColumn: Int) -> Double {
    Double(min(Parallelism.threadCount, blockCount)) * Double(min(width, count))
      * Double(bytesPerColumn)
  }

  /// Calls `body` once for each block, on up to `Parallelism.threadCount` threads.
  ///
  /// - Parameters:
  ///   - scratch: makes a thread's memory for blocks of a width.
  ///   - isExact: whether a block of another width, the last one, gets memory of its own; otherwise a
  ///     thread's memory is made once, for whole blocks, or for all columns where those are fewer.
  /// - Throws: the error of the first block, in the columns' order, that failed; blocks after it may
  ///   not have run.
  public func forEachBlock<Scratch>(
    isExact: Bool = true, scratch: @Sendable (_ width: Int) -> Scratch,
    _ body: @Sendable (Range<Int>, inout Scratch) throws -> Void
  ) throws {
    let blocks = blockCount
    let next = Atomic<Int>(0)
    let failure = Mutex<(block: Int, error: any Error)?>(nil)
    forEachChunk(count: min(Parallelism.threadCount, blocks), length: 1) { _ in
      var memory: (width: Int, scratch: Scratch?) = (0, nil)
      while true {
        let block = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if block >= blocks || failure.withLock({ $0 != nil }) { return }
        let columns = block * width..<min((block + 1) * width, count)
        let needed = isExact ? columns.count : min(width, count)
        if needed != memory.width {
          // Let go of the old memory first.
          memory.scratch = nil
          memory = (needed, scratch(needed))
        }
        do {
          try body(columns, &memory.scratch!)
        } catch {
          failure.withLock { if block < $0?.block ?? .max { $0 = (block, error) } }
        }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure.error }
  }

  /// Calls `body` once for each block, as above, for what needs no memory of its own.
  public func forEachBlock(_ body: @Sendable (Range<Int>) throws -> Void) throws {
    try forEachBlock { _ in
    } _: { columns, _ in
      try body(columns)
    }
  }

  /// Folds what `body` makes of each block into `total`, in the columns' order (`OrderedFold`).
  ///
  /// - Throws: as `forEachBlock`.
  public func reduce<Scratch, Part: Sendable, Total: Sendable>(
    into total: consuming Total, isExact: Bool = true, scratch: @Sendable (_ width: Int) -> Scratch,
    _ body: @Sendable (Range<Int>, inout Scratch) throws -> Part,
    fold: @escaping @Sendable (inout Total, Part) -> Void
  ) throws -> Total {
    let result = OrderedFold(total, fold)
    try forEachBlock(isExact: isExact, scratch: scratch) { columns, memory in
      result.add(try body(columns, &memory), number: columns.lowerBound / width)
    }
    return result.total
  }
}
