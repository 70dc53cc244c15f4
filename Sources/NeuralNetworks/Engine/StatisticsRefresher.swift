import WeightSpace

/// Recomputes BatchNorm's running statistics for given weights: the cumulative average over batches
/// of the batch means and the unbiased batch variances, each batch weighted by its examples.
///
/// For a batch of b examples after n: running ← n/(n+b)·running + b/(n+b)·batch. It is an average
/// of within-batch variances; the variance of the batch means is not added. Forward passes in
/// training mode (dropout active), as published for SWA (Izmailov et al. 2018, §3.2). All sums are in
/// Double.
public final class StatisticsRefresher {
  public let network: Network
  private let seed: UInt64
  private var plans: PlanCache
  private var seen = 0
  private var passes: UInt64 = 0
  // Averages over many batches are kept in Double.
  private var averages: [Double]

  public init(_ network: Network, seed: UInt64 = 0) {
    self.network = network
    self.seed = seed
    plans = PlanCache(network, .refreshing)
    averages = Array(repeating: 0, count: network.bufferLayout.count)
  }

  /// Forgets everything, before the next snapshot.
  public func reset() {
    seen = 0
    passes = 0
    for i in averages.indices { averages[i] = 0 }
  }

  /// Adds one batch [count, …] in row-major order.
  public func update(at weights: borrowing WeightVector, inputs: [Float], count: Int) throws {
    precondition(weights.count == network.parameterCount)
    let plan = try plans.plan(count)
    plan.dropout.seed = seed
    plan.dropout.pass = passes
    unsafe weights.withUnsafeBufferPointer { w in
      unsafe plan.prepare(weights: w.baseAddress!, statistics: nil, gradient: nil)
      unsafe inputs.withUnsafeBufferPointer { unsafe plan.runForward($0.baseAddress!) }
    }
    let weight = Double(count) / Double(seen + count)
    plan.forEachStatistic { i, value, factor, _ in
      averages[i] += weight * (factor * value - averages[i])
    }
    seen += count
    passes += 1
  }

  /// The statistics so far.
  public func result() -> WeightVector { WeightVector(averages.map(Float.init)) }
}
