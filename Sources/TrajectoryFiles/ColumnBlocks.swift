import Synchronization
import WeightSpace

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
