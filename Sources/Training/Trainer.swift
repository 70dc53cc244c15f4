import Objectives
import Optimizers
import Prediction
import WeightSpace

/// The epoch loop over any objective and any source of batches: gradient, running statistics,
/// update.
///
/// Every epoch is a function of the state and the optimiser's memory that it starts from and of
/// (seed, epoch), so that training resumed after any epoch reaches the same bits.
public final class Trainer<Goal: Objective, Source: BatchSource>: TrainingLoop
where Goal.Batch == Source.Batch {
  public private(set) var objective: Goal
  public let optimizer: any Optimizer
  public let schedule: LearningRateSchedule
  public let state: TrainingState
  public var stepsPerEpoch: Int { source.stepsPerEpoch }

  private var source: Source
  private let seed: UInt64
  private var gradient: WeightVector
  private var batch: Source.Batch

  /// - Parameters:
  ///   - seed: of everything random in the objective and the optimiser; the source has its own.
  ///   - weights: where to start, of the objective's length.
  ///   - buffers: running statistics; empty where there are none.
  public init(
    _ objective: Goal, optimizer: any Optimizer, schedule: LearningRateSchedule, source: Source,
    seed: UInt64, weights: consuming WeightVector,
    buffers: consuming WeightVector = WeightVector(count: 0)
  ) {
    precondition(weights.count == objective.parameterCount, "a weight for each parameter")
    self.objective = objective
    self.optimizer = optimizer
    self.schedule = schedule
    self.source = source
    self.seed = seed
    gradient = WeightVector(count: weights.count)
    batch = source.emptyBatch()
    state = TrainingState(weights: weights, buffers: buffers)
  }

  public func runEpoch(
    _ afterStep: (TrainingMoment) throws -> Void
  ) throws -> EpochSummary {
    let steps = source.stepsPerEpoch
    let epoch = state.epoch
    var sums = EpochSums()
    for k in 0..<steps {
      source.load(step: k, epoch: epoch, into: &batch)
      let step = Step(
        seed: seed, index: epoch * steps + k, epoch: epoch,
        fraction: Double(k) / Double(steps),
        learningRate: schedule.learningRate(epoch: epoch, step: k, stepsPerEpoch: steps),
        examples: source.examples)
      let result = try objective.valueAndGradient(
        at: state.weights, batch, step, gradient: &gradient)
      guard result.loss.isFinite else { throw DivergenceError(epoch: epoch + 1) }
      objective.moveStatistics(&state.buffers)
      optimizer.update(&state.weights, gradient: gradient, step)
      sums.add(result)
      try afterStep(
        TrainingMoment(
          step: step, done: k + 1, steps: steps, summary: sums.summary(step)))
    }
    state.epoch += 1
    return sums.summary(
      Step(
        epoch: epoch,
        learningRate: schedule.learningRate(
          epoch: epoch, step: steps - 1, stepsPerEpoch: steps)))
  }
}
