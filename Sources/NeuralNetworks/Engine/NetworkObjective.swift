import Objectives
import WeightSpace

/// Some examples in row-major order, as a network reads them.
public struct NetworkBatch: Sendable {
  /// [count, C, H, W] or [count, features], normalised.
  public var inputs: [Float]
  public var targets: BatchTargets
  public var count: Int

  public init(inputs: [Float], targets: BatchTargets, count: Int) {
    self.inputs = inputs
    self.targets = targets
    self.count = count
  }
}

/// What a network's loss is a function of, beside its weights and a batch.
public enum ObjectiveMode: Sendable {
  /// As in training: BatchNorm takes the batch's own statistics, which depend on the weights, and
  /// units are dropped.
  case training
  /// As in prediction: BatchNorm takes given running statistics, which are constants, and nothing is
  /// dropped.
  case evaluation
}

/// A network's mean loss over a batch and its gradient by all parameters, in training mode (batch
/// statistics, dropout) unless said otherwise.
///
/// One forward and one backward pass; memory grows with the batch size. Plans are kept for the last
/// few batch sizes met (the last batch of an epoch is usually smaller). Use from one thread.
public final class NetworkObjective: Objective, TappedObjective {
  public let network: Network
  public let loss: Loss
  public var parameterCount: Int { network.parameterCount }

  public let mode: ObjectiveMode
  private var plans: PlanCache
  private var hessianPlans: PlanCache
  private var gaussNewtonPlans: PlanCache
  private var tappedPlans: PlanCache
  private var current: Plan?
  private var held: [BatchStatistic]?
  /// Running statistics; empty in training mode.
  private var statistics: WeightVector

  /// Throws `NetworkError` where the loss does not suit the network's outputs.
  ///
  /// In evaluation mode the running statistics are those before training until `setStatistics`.
  public init(_ network: Network, loss: Loss, mode: ObjectiveMode = .training) throws {
    if loss == .gaussian && network.outputCount % 2 != 0 {
      throw NetworkError(
        "the Gaussian loss needs a mean and a variance per target, but the network has"
          + " \(network.outputCount) output(s)")
    }
    self.network = network
    self.loss = loss
    self.mode = mode
    let options: PlanOptions = mode == .training ? .training : .backward
    plans = PlanCache(network, options)
    gaussNewtonPlans = PlanCache(network, options.union(.tangent))
    tappedPlans = PlanCache(network, options.union(.taps))
    hessianPlans = PlanCache(network, options.union([.tangent, .secondOrder]))
    statistics = mode == .training ? WeightVector(count: 0) : network.initialBuffers()
  }

  /// The mean loss at `weights`; `gradient` receives ∂loss/∂θ. Dropout masks are a function of the
  /// step's seed and index.
  ///
  /// Throws `NetworkError` where the batch does not fit the network.
  public func valueAndGradient(
    at weights: borrowing WeightVector, _ batch: NetworkBatch, _ step: Step,
    gradient: inout WeightVector
  ) throws -> BatchResult {
    try network.check(batch, loss: loss)
    return run(try plans.plan(batch.count), at: weights, batch, step, gradient: &gradient)
  }

  private func run(
    _ plan: Plan, at weights: borrowing WeightVector, _ batch: NetworkBatch, _ step: Step,
    gradient: inout WeightVector
  ) -> BatchResult {
    precondition(weights.count == network.parameterCount && gradient.count == weights.count)
    current = plan
    plan.dropout.seed = step.seed
    plan.dropout.pass = UInt64(step.index)
    var found = BatchLoss(value: 0)
    unsafe weights.withUnsafeBufferPointer { w in
      unsafe gradient.withUnsafeMutableBufferPointer { g in
        unsafe withStatistics {
          unsafe plan.prepare(
            weights: w.baseAddress!, statistics: $0, gradient: g.baseAddress!)
        }
        unsafe batch.inputs.withUnsafeBufferPointer { inputs in
          unsafe plan.runForward(inputs.baseAddress!)
          var outputGradient = unsafe plan.outputGradientSpan.mutableSpan
          unsafe found = loss.evaluate(
            UnsafeBufferPointer(plan.outputSpan).span, count: batch.count,
            width: network.outputCount, targets: batch.targets, gradient: &outputGradient)
          plan.runBackward()
        }
      }
    }
    return BatchResult(found, batch)
  }

  /// In the order of their weights.
  public var linearMaps: [LinearMap] { network.nodes.indices.compactMap { network.linearMap($0) } }

  /// The same with what goes through the linear maps. Memory: a copy of all their inputs and output
  /// gradients more, and of one map at a time the rows, k² times a convolution's input.
  ///
  /// Throws `NetworkError` where the batch does not fit the network, and what `taps` throws.
  public func valueAndGradient(
    at weights: borrowing WeightVector, _ batch: NetworkBatch, _ step: Step,
    gradient: inout WeightVector,
    taps: (_ map: LinearMap, _ inputs: Span<Float>, _ gradients: Span<Float>) throws -> Void
  ) throws -> BatchResult {
    try network.check(batch, loss: loss)
    let plan = try tappedPlans.plan(batch.count)
    let result = run(plan, at: weights, batch, step, gradient: &gradient)
    for tap in plan.taps {
      let (inputs, gradients) = (tap.inputRows(), tap.gradientRows())
      try taps(network.linearMap(tap.node)!, inputs.span, gradients.span)
    }
    return result
  }

  /// Moves the running statistics towards those of the last batch:
  /// running ← (1−m)·running + m·batch, with the unbiased variance (n/(n−1), n = N·H·W).
  public func moveStatistics(_ buffers: inout WeightVector) {
    if let statistics = held {
      for statistic in statistics { statistic.move(&buffers) }
      held = nil
    } else {
      current?.moveRunningStatistics(&buffers)
    }
  }

  public func holdStatistics() { held = current?.batchStatistics }

  /// The last batch's outputs [N, outputs].
  public var outputs: [Float] {
    guard let current else { return [] }
    return unsafe Array(current.outputSpan)
  }

  /// The running statistics of an objective in evaluation mode.
  public func setStatistics(_ buffers: borrowing WeightVector) {
    precondition(mode == .evaluation && buffers.count == statistics.count)
    statistics.copy(from: buffers)
  }

  @unsafe func withStatistics(_ body: (UnsafePointer<Float>?) -> Void) {
    guard mode == .evaluation else { return body(nil) }
    unsafe statistics.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
  }

  func curvaturePlan(_ curvature: Loss.Curvature, _ batchSize: Int) throws -> Plan {
    switch curvature {
    case .hessian: try hessianPlans.plan(batchSize)
    case .gaussNewton: try gaussNewtonPlans.plan(batchSize)
    }
  }

  /// Seconds of every step of one forward and backward pass, after a call of `valueAndGradient`
  /// with the same batch size.
  public func profile(_ batch: NetworkBatch, clock: () -> Double) -> [(String, Double)] {
    guard let current else { return [] }
    return unsafe batch.inputs.withUnsafeBufferPointer {
      unsafe current.profile($0.baseAddress!, clock: clock)
    }
  }

  /// oneDNN's names of all implementations in use for that batch size.
  public func implementations(batchSize: Int) throws -> [String] {
    try plans.plan(batchSize).implementations
  }
}

extension BatchResult {
  /// What a loss found for a batch.
  init(_ found: BatchLoss, _ batch: NetworkBatch) {
    let values = if case .values(let values) = batch.targets { values.count } else { 0 }
    self.init(
      loss: found.value, examples: batch.count,
      score: Score(
        correct: found.correct, squaredErrors: found.squaredErrors,
        squaredErrorsByTarget: found.squaredErrorsByTarget, values: values))
  }
}

extension Network {
  /// Throws `NetworkError` where a batch does not fit the network and the loss.
  func check(_ batch: NetworkBatch, loss: Loss) throws {
    let features = inputShape.reduce(1, *)
    guard batch.count > 0, batch.inputs.count == batch.count * features else {
      throw NetworkError(
        "a batch of \(batch.count) examples needs \(batch.count * features) input values")
    }
    switch (loss, batch.targets) {
    case (.crossEntropy, .classes(let classes)):
      guard classes.count == batch.count else {
        throw NetworkError("one class per example is needed")
      }
      if let wrong = classes.first(where: { $0 < 0 || $0 >= outputCount }) {
        throw NetworkError("class \(wrong) is outside the network's \(outputCount) outputs")
      }
    case (.squaredError, .values(let values)), (.gaussian, .values(let values)):
      let width = loss == .gaussian ? outputCount / 2 : outputCount
      guard values.count == batch.count * width else {
        throw NetworkError(
          "the network predicts \(width) target(s) per example, the data have"
            + " \(values.count / batch.count)")
      }
    case (.crossEntropy, .values):
      throw NetworkError("cross-entropy needs classes, but the data's targets are real numbers")
    case (_, .classes):
      throw NetworkError("the loss \(loss.rawValue) needs real targets, but the data have classes")
    }
  }
}
