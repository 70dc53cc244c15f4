import Dispatch
import Machine
import Synchronization

/// How many threads the loops of this module use.
///
/// It changes the speed only: chunks have a fixed length and sums a fixed order, so that every
/// result has the same bits for any number of threads.
public enum Parallelism {
  private static let setting = Atomic<Int>(0)

  /// The number of processors this process may use.
  public static var availableProcessors: Int { Processors.available }

  /// Runs a loop's iterations, at least two, on several threads at the same time, and returns when all
  /// are done.
  public typealias Team = @Sendable (_ iterations: Int, _ body: (Int) -> Void) -> Void
  private static let chosenTeam = Mutex<Team?>(nil)

  /// The threads that loops run on; nil for Dispatch's. Where something else keeps threads of its own,
  /// one set of them should serve both.
  public static var team: Team? {
    get { chosenTeam.withLock { $0 } }
    set { chosenTeam.withLock { $0 = newValue } }
  }

  /// The number of threads, at least 1; all available processors until it is set.
  public static var threadCount: Int {
    get {
      let chosen = setting.load(ordering: .relaxed)
      return chosen > 0 ? chosen : availableProcessors
    }
    set { setting.store(max(newValue, 1), ordering: .relaxed) }
  }
}

/// The usual chunk of a vector, in elements: 64 KiB of Floats, so that the chunks of the three or
/// four vectors of one update stay in a second-level cache together.
public let chunkLength = 16_384

/// Calls `body` once for each chunk of `0..<count`: `length` elements, fewer in the last one.
///
/// Chunks run at the same time on up to `Parallelism.threadCount` threads, in no particular order;
/// the calling thread takes part, and the call returns when all are done. Which elements form a
/// chunk does not depend on the number of threads.
public func forEachChunk(
  count: Int, length: Int = chunkLength, _ body: @Sendable (Range<Int>) -> Void
) {
  precondition(length > 0, "a chunk has at least one element")
  let chunks = (count + length - 1) / length
  let threads = min(Parallelism.threadCount, chunks)
  if threads <= 1 {
    for chunk in 0..<chunks { body(chunk * length..<min((chunk + 1) * length, count)) }
    return
  }
  let next = Atomic<Int>(0)
  @Sendable func takeChunks() {
    while true {
      let chunk = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if chunk >= chunks { return }
      body(chunk * length..<min((chunk + 1) * length, count))
    }
  }
  if let team = Parallelism.team {
    team(threads) { _ in takeChunks() }
  } else {
    DispatchQueue.concurrentPerform(iterations: threads) { _ in takeChunks() }
  }
}

/// Σ over chunks of what `body` returns for each, added up in the chunks' order.
///
/// The result has the same bits for any number of threads.
public func sumOverChunks(
  count: Int, length: Int = chunkLength, _ body: @Sendable (Range<Int>) -> Double
) -> Double {
  var partial = [Double](repeating: 0, count: (count + length - 1) / length)
  unsafe partial.withUnsafeMutableBufferPointer { partial in
    nonisolated(unsafe) let partial = unsafe partial
    // Sendable: each call writes one element of its own.
    forEachChunk(count: count, length: length) { range in
      unsafe partial[range.lowerBound / length] = body(range)
    }
  }
  return partial.reduce(0, +)
}

/// Σ over chunks of what `body` returns for the same chunk of `a` and `b`, which have the same
/// length; added up in the chunks' order.
public func sumOverChunks(
  of a: borrowing WeightVector, _ b: borrowing WeightVector,
  _ body: @Sendable (Span<Float>, Span<Float>) -> Double
) -> Double {
  precondition(b.count == a.count, "vectors of \(a.count) and \(b.count) elements")
  let count = a.count
  return unsafe a.withUnsafeBufferPointer { a in
    nonisolated(unsafe) let a = unsafe a
    return unsafe b.withUnsafeBufferPointer { b in
      nonisolated(unsafe) let b = unsafe b
      // Sendable: both are only read.
      return sumOverChunks(count: count) { range in
        body(unsafe a.extracting(range).span, unsafe b.extracting(range).span)
      }
    }
  }
}

/// Changes one vector chunk by chunk; `body` gets the chunk's elements and its range.
public func forEachChunk(
  updating a: inout WeightVector, length: Int = chunkLength,
  _ body: @Sendable (inout MutableSpan<Float>, Range<Int>) -> Void
) {
  let count = a.count
  unsafe a.withUnsafeMutableBufferPointer { a in
    nonisolated(unsafe) let a = unsafe a
    // Sendable: the ranges of two calls are disjoint.
    forEachChunk(count: count, length: length) { range in
      var chunk = unsafe a.extracting(range).mutableSpan
      body(&chunk, range)
    }
  }
}

/// Changes `a` chunk by chunk with the same chunk of `x` at hand. Both have the same length.
public func forEachChunk(
  updating a: inout WeightVector, reading x: borrowing WeightVector, length: Int = chunkLength,
  _ body: @Sendable (inout MutableSpan<Float>, Span<Float>) -> Void
) {
  precondition(x.count == a.count, "vectors of \(a.count) and \(x.count) elements")
  unsafe x.withUnsafeBufferPointer { x in
    nonisolated(unsafe) let x = unsafe x
    // Sendable: it is only read.
    forEachChunk(updating: &a, length: length) { a, range in
      body(&a, unsafe x.extracting(range).span)
    }
  }
}

/// Changes `a` and `b` chunk by chunk with the same chunk of `x` at hand. All have the same length.
public func forEachChunk(
  updating a: inout WeightVector, _ b: inout WeightVector, reading x: borrowing WeightVector,
  length: Int = chunkLength,
  _ body: @Sendable (inout MutableSpan<Float>, inout MutableSpan<Float>, Span<Float>) -> Void
) {
  precondition(
    x.count == a.count && b.count == a.count,
    "vectors of \(a.count), \(b.count) and \(x.count) elements")
  unsafe x.withUnsafeBufferPointer { x in
    nonisolated(unsafe) let x = unsafe x
    unsafe b.withUnsafeMutableBufferPointer { b in
      nonisolated(unsafe) let b = unsafe b
      // Sendable: x is only read, and the ranges of two calls are disjoint.
      forEachChunk(updating: &a, length: length) { a, range in
        var chunk = unsafe b.extracting(range).mutableSpan
        body(&a, &chunk, unsafe x.extracting(range).span)
      }
    }
  }
}

/// Changes `a`, `b` and `c` chunk by chunk with the same chunk of `x` at hand. All have the same
/// length.
public func forEachChunk(
  updating a: inout WeightVector, _ b: inout WeightVector, _ c: inout WeightVector,
  reading x: borrowing WeightVector, length: Int = chunkLength,
  _ body:
    @Sendable (
      inout MutableSpan<Float>, inout MutableSpan<Float>, inout MutableSpan<Float>, Span<Float>
    ) -> Void
) {
  precondition(
    x.count == a.count && b.count == a.count && c.count == a.count,
    "vectors of \(a.count), \(b.count), \(c.count) and \(x.count) elements")
  unsafe x.withUnsafeBufferPointer { x in
    nonisolated(unsafe) let x = unsafe x
    unsafe b.withUnsafeMutableBufferPointer { b in
      nonisolated(unsafe) let b = unsafe b
      unsafe c.withUnsafeMutableBufferPointer { c in
        nonisolated(unsafe) let c = unsafe c
        // Sendable: x is only read, and the ranges of two calls are disjoint.
        forEachChunk(updating: &a, length: length) { a, range in
          var second = unsafe b.extracting(range).mutableSpan
          var third = unsafe c.extracting(range).mutableSpan
          body(&a, &second, &third, unsafe x.extracting(range).span)
        }
      }
    }
  }
}
