import Datasets
import NeuralNetworks
import Optimizers
import Prediction
import WeightSpace

/// What one epoch of training came to.
public struct EpochSummary: Sendable, Equatable {
  /// Epochs completed, from 1.
  public var epoch: Int
  /// The rate of the epoch's last step.
  public var learningRate: Double
  /// Σ (batch mean × batch size) / N.
  public var loss: Double
  /// The share of examples whose class had the largest output, in training mode.
  public var accuracy: Double
  /// √ of the mean squared error over examples and targets, in normalised units (regression).
  public var rootMeanSquaredError: Double
}

/// Training went to infinity.
public struct DivergenceError: Error, CustomStringConvertible {
  public let epoch: Int
  public init(epoch: Int) { self.epoch = epoch }
  public var description: String {
    "training diverged in epoch \(epoch): loss or weights are not finite; lower --learning-rate"
  }
}

/// The epoch loop: batches in a seeded order, gradient, update, running statistics.
///
/// Every epoch is a function of the weights, statistics and optimiser state it starts from and of
/// (seed, epoch), so that training resumed after any epoch reaches the same bits.
public final class Trainer<Objective: BatchObjective> {
  public private(set) var objective: Objective
  public let optimizer: any Optimizer
  public let schedule: LearningRateSchedule
  public private(set) var loader: BatchLoader
  public var weights: WeightVector
  public var buffers: WeightVector
  /// Epochs completed.
  public var epoch = 0

  private var gradient: WeightVector
  private var batch = Batch()

  public init(
    objective: Objective, optimizer: any Optimizer, schedule: LearningRateSchedule,
    loader: BatchLoader, weights: consuming WeightVector, buffers: consuming WeightVector
  ) {
    self.objective = objective
    self.optimizer = optimizer
    self.schedule = schedule
    self.loader = loader
    gradient = WeightVector(count: weights.count)
    self.weights = weights
    self.buffers = buffers
  }

  /// Runs one epoch. `afterStep` is called after each update with the number of updates done in
  /// this epoch and the summary so far.
  ///
  /// Throws `DivergenceError`, what the objective throws and what `afterStep` throws.
  public func runEpoch(_ afterStep: (Int, EpochSummary) throws -> Void) throws -> EpochSummary {
    let steps = loader.batchCount
    var summary = EpochSummary(
      epoch: epoch + 1, learningRate: 0, loss: 0, accuracy: 0, rootMeanSquaredError: 0)
    var examples = 0
    var lossSum = 0.0
    var correct = 0
    var squares = 0.0
    var squareCount = 0
    for step in 0..<steps {
      loader.load(batch: step, epoch: epoch, into: &batch)
      objective.step = UInt64(epoch * steps + step)
      summary.learningRate = schedule.learningRate(epoch: epoch, step: step, stepsPerEpoch: steps)
      let value = try objective.valueAndGradient(
        at: weights, batch: NetworkBatch(batch), gradient: &gradient)
      guard value.isFinite else { throw DivergenceError(epoch: epoch + 1) }
      objective.updateRunningStatistics(&buffers)
      optimizer.update(&weights, gradient: gradient, learningRate: summary.learningRate)

      examples += batch.count
      lossSum += value * Double(batch.count)
      correct += objective.last.correct
      squares += objective.last.squaredErrors
      squareCount += batch.values.count
      summary.loss = lossSum / Double(examples)
      summary.accuracy = Double(correct) / Double(examples)
      summary.rootMeanSquaredError = (squares / Double(max(squareCount, 1))).squareRoot()
      try afterStep(step + 1, summary)
    }
    epoch += 1
    return summary
  }
}
