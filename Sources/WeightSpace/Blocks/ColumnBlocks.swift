import Synchronization

/// Calls `body` once for each block of columns of `0..<count`, `width` columns but fewer in the last
/// one, on up to `Parallelism.threadCount` threads; each thread makes its scratch memory once.
///
/// - Throws: the error of the first block, in the columns' order, that failed; blocks after it may
///   not have run.
public func forEachColumnBlock<Scratch>(
  count: Int, width: Int, scratch: @Sendable () -> Scratch,
  _ body: @Sendable (Range<Int>, inout Scratch) throws -> Void
) throws {
  let blocks = (count + width - 1) / width
  let next = Atomic<Int>(0)
  let failure = Mutex<(block: Int, error: any Error)?>(nil)
  forEachChunk(count: min(Parallelism.threadCount, blocks), length: 1) { _ in
    var memory = scratch()
    while true {
      let block = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if block >= blocks || failure.withLock({ $0 != nil }) { return }
      do {
        try body(block * width..<min((block + 1) * width, count), &memory)
      } catch {
        failure.withLock { if block < $0?.block ?? .max { $0 = (block, error) } }
      }
    }
  }
  if let failure = failure.withLock({ $0 }) { throw failure.error }
}

/// Adds up what `body` makes of each block of columns of `0..<count`: `fold` gets the parts one at a
/// time in the columns' order, whatever the order in which the blocks are done, so that the result
/// does not depend on the number of threads. Parts that wait for an earlier one are kept.
///
/// - Throws: as `forEachColumnBlock`.
public func reduceColumnBlocks<Scratch, Part: Sendable, Total: Sendable>(
  count: Int, width: Int, into total: Total, scratch: @Sendable () -> Scratch,
  _ body: @Sendable (Range<Int>, inout Scratch) throws -> Part,
  fold: @Sendable (inout Total, Part) -> Void
) throws -> Total {
  let state = Mutex((next: 0, waiting: [Int: Part](), total: total))
  try forEachColumnBlock(count: count, width: width, scratch: scratch) { columns, memory in
    let part = try body(columns, &memory)
    state.withLock { state in
      state.waiting[columns.lowerBound / width] = part
      while let part = state.waiting.removeValue(forKey: state.next) {
        fold(&state.total, part)
        state.next += 1
      }
    }
  }
  return state.withLock { $0.total }
}

/// Columns whose terms are added up together: block widths that are multiples of it give sums of the
/// same bits.
public let columnLeaf = 1_024

/// `terms` sums over columns `0..<count`, made of each leaf's in the columns' order: they have the
/// same bits for any number of threads and any `width` that is a multiple of `columnLeaf`.
///
/// - Parameters:
///   - load: fills a thread's memory with a block of columns.
///   - leaf: appends the terms of a leaf, given as a range within the block.
/// - Throws: as `forEachColumnBlock`.
public func sumColumnBlocks<Scratch>(
  count: Int, width: Int, terms: Int, scratch: @Sendable () -> Scratch,
  load: @Sendable (Range<Int>, inout Scratch) throws -> Void,
  leaf: @Sendable (Range<Int>, inout Scratch, inout [Double]) -> Void
) throws -> [Double] {
  precondition(width % columnLeaf == 0, "whole leaves")
  return try reduceColumnBlocks(
    count: count, width: width, into: [Double](repeating: 0, count: terms), scratch: scratch
  ) { columns, memory -> [Double] in
    try load(columns, &memory)
    var parts: [Double] = []
    for start in stride(from: 0, to: columns.count, by: columnLeaf) {
      leaf(start..<min(start + columnLeaf, columns.count), &memory, &parts)
    }
    return parts
  } fold: { total, parts in
    for i in parts.indices { total[i % terms] += parts[i] }
  }
}
