import WeightSpace

/// A network's mean loss over a batch as training sees it, with the batch's own statistics, but
/// without its gradient: one forward pass.
///
/// Dropout layers are active and always draw the same masks; give it an architecture
/// `withoutDropout` for none. Plans are kept for the last few batch sizes met. Use from one thread.
public final class BatchEvaluator {
  public let network: Network
  public let loss: Loss
  private var plans: PlanCache

  public init(_ network: Network, loss: Loss) {
    self.network = network
    self.loss = loss
    plans = PlanCache(network, .statistics)
  }

  /// The loss at `weights`, and what goes with it.
  ///
  /// Throws `NetworkError` where the batch does not fit the network.
  public func evaluate(at weights: borrowing WeightVector, _ batch: NetworkBatch) throws
    -> BatchLoss
  {
    precondition(weights.count == network.parameterCount, "an element for each parameter")
    try network.check(batch, loss: loss)
    let plan = try plans.plan(batch.count)
    return unsafe weights.withUnsafeBufferPointer { w in
      unsafe plan.prepare(weights: w.baseAddress!, statistics: nil, gradient: nil)
      return unsafe batch.inputs.withUnsafeBufferPointer { inputs in
        unsafe plan.runForward(inputs.baseAddress!)
        return unsafe loss.evaluate(
          UnsafeBufferPointer(plan.outputSpan).span, count: batch.count,
          width: network.outputCount, targets: batch.targets)
      }
    }
  }
}
