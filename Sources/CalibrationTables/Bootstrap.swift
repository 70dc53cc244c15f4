import Calibration
import Randomness
import Synchronization
import WeightSpace

/// How metrics are resampled.
public struct Bootstrap: Sendable {
  /// The number of resampled sets of rows.
  public var replicates: Int
  /// Of the intervals, such as 0.95.
  public var level: Double
  public var seed: UInt64

  public init(replicates: Int, level: Double, seed: UInt64) {
    self.replicates = replicates
    self.level = level
    self.seed = seed
  }

  /// What `measure` makes of each resampled set, in order; replicate r of a set of rows is a function
  /// of (seed, r, N), so that two files of the same rows are resampled alike.
  ///
  /// Memory: N bytes for each thread. Cost: O(N) a replicate.
  func replicate<Result: Sendable>(
    rows: Int, _ measure: @Sendable (Span<UInt8>) -> Result
  ) -> [Result] {
    collect { replicate in
      let drawn = counts(rows, of: replicate, set: 0)
      return measure(drawn.span)
    }
  }

  /// The same of two sets of rows that are drawn apart from each other.
  func replicate<Result: Sendable>(
    rows: Int, others: Int, _ measure: @Sendable (Span<UInt8>, Span<UInt8>) -> Result
  ) -> [Result] {
    collect { replicate in
      let drawn = counts(rows, of: replicate, set: 0)
      let others = counts(others, of: replicate, set: 1)
      return measure(drawn.span, others.span)
    }
  }

  private func counts(_ rows: Int, of replicate: Int, set: UInt64) -> [UInt8] {
    var counts = [UInt8](repeating: 0, count: rows)
    var span = counts.mutableSpan
    RandomStream.fillResamplingCounts(
      &span, seed: seed, stream: RandomPurpose.bootstrap.stream(set << 32 | UInt64(replicate)))
    return counts
  }

  private func collect<Result: Sendable>(_ measure: @Sendable (Int) -> Result) -> [Result] {
    let slots = ReplicateSlots<Result>(count: replicates)
    forEachChunk(count: replicates, length: 1) {
      slots.set($0.lowerBound, measure($0.lowerBound))
    }
    return slots.results
  }

  /// The interval of a metric; nil where it has none.
  func interval(_ metric: Metric, _ values: [Double?]) -> BootstrapInterval? {
    metric.value.flatMap { interval($0, values, raisedByChance: metric.isRaisedByChance) }
  }

  func interval(
    _ estimate: Double, _ values: [Double?], raisedByChance: Bool = false
  ) -> BootstrapInterval? {
    BootstrapInterval(
      estimate: estimate, values: values.map { $0 ?? .nan }, level: level,
      raisedByChance: raisedByChance)
  }
}

/// Results in the order of their numbers, whoever makes them.
private final class ReplicateSlots<Result: Sendable>: Sendable {
  private let slots: Mutex<[Result?]>

  init(count: Int) { slots = Mutex(Array(repeating: nil, count: count)) }

  func set(_ index: Int, _ result: Result) { slots.withLock { $0[index] = result } }

  var results: [Result] { slots.withLock { $0.map { $0! } } }
}
