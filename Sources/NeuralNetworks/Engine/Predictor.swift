import WeightSpace

/// A network's outputs for given weights: running statistics, and no dropout unless it is to be
/// sampled.
///
/// One plan for one batch size serves any number of examples: the last, smaller batch is filled up,
/// because in prediction examples do not see each other. Use from one thread.
public final class Predictor {
  public let network: Network
  public let batchSize: Int
  private let plan: Plan
  private var batch: [Float]
  private var weights: WeightVector
  private var buffers: WeightVector

  /// - Parameter dropoutSeed: to drop units as in training (MC dropout, Gal & Ghahramani 2016); which,
  ///   is a function of the seed, `dropoutPass`, the layer and the place in the batch. nil: none.
  public init(_ network: Network, batchSize: Int, dropoutSeed: UInt64? = nil) throws {
    self.network = network
    self.batchSize = batchSize
    plan = try Plan(
      network, dropoutSeed == nil ? .prediction : .sampling, batchSize: batchSize)
    plan.dropout.seed = dropoutSeed ?? 0
    weights = WeightVector(count: network.parameterCount)
    buffers = WeightVector(count: network.bufferLayout.count)
    batch = Array(repeating: 0, count: batchSize * network.inputShape.reduce(1, *))
  }

  /// The number of the next batch among all whose units are dropped; it grows by one with each.
  public var dropoutPass: UInt64 {
    get { plan.dropout.pass }
    set { plan.dropout.pass = newValue }
  }

  /// Lets `fill` write the weights and running statistics to predict with (both keep what they held
  /// before), and reorders them once for all that is predicted with them.
  public func load(_ fill: (inout WeightVector, inout WeightVector) throws -> Void) rethrows {
    try fill(&weights, &buffers)
    unsafe weights.withUnsafeBufferPointer { w in
      unsafe buffers.withUnsafeBufferPointer { b in
        unsafe plan.prepare(weights: w.baseAddress!, statistics: b.baseAddress!, gradient: nil)
      }
    }
  }

  /// The outputs [count, outputs] of up to `batchSize` examples [count, …] in row-major order,
  /// handed to `body`.
  public func predict<Result>(
    _ inputs: [Float], count: Int, _ body: (Span<Float>) throws -> Result
  ) rethrows -> Result {
    let features = network.inputShape.reduce(1, *)
    precondition(count <= batchSize && inputs.count >= count * features)
    if count == batchSize {
      unsafe inputs.withUnsafeBufferPointer { unsafe plan.runForward($0.baseAddress!) }
    } else {
      batch.replaceSubrange(0..<(count * features), with: inputs[0..<(count * features)])
      unsafe batch.withUnsafeBufferPointer { unsafe plan.runForward($0.baseAddress!) }
    }
    plan.dropout.pass += 1
    let outputs = unsafe UnsafeBufferPointer(
      plan.outputSpan.extracting(0..<(count * network.outputCount)))
    return try unsafe body(outputs.span)
  }

  /// The mean loss and what goes with it, of up to `batchSize` examples.
  ///
  /// Throws `NetworkError` where the batch does not fit the network, and `NonFiniteOutput` where an
  /// output or a loss is not finite.
  ///
  /// - Parameter firstExample: the number of the first one, for the error.
  public func evaluate(_ batch: NetworkBatch, loss: Loss, firstExample: Int = 0) throws
    -> BatchLoss
  {
    try network.check(batch, loss: loss)
    return try predict(batch.inputs, count: batch.count) { outputs in
      try loss.evaluate(
        outputs, of: batch, width: network.outputCount, firstExample: firstExample)
    }
  }

  /// Seconds of every step of one pass.
  public func profile(_ batch: NetworkBatch, clock: () -> Double) -> [(String, Double)] {
    unsafe batch.inputs.withUnsafeBufferPointer {
      unsafe plan.profile($0.baseAddress!, clock: clock)
    }
  }

  /// oneDNN's names of all implementations in use.
  public var implementations: [String] { plan.implementations }
}
