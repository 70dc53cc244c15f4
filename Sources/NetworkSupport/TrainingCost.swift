import Datasets
import Machine
import NeuralNetworks
import Optimizers
import ToolSupport
import Training
import TrajectoryFiles
import WeightSpace

/// What training a vector of weights takes besides the engine and the data.
public struct TrainingCost {
  /// Vectors of the trained length: weights, gradient, those of the rule and of what changes the
  /// objective.
  public let vectors: Int
  /// Those among them that the rule remembers.
  public let optimizerVectors: Int
  /// Batches that are in memory at once.
  public let batches: Int
  /// Whether running statistics belong to what training stands for.
  public let keepsStatistics: Bool
}

extension TrainingOptions {
  /// Asks a rule that is made for one weight what it would keep for many.
  public func cost(examples: Int, seed: UInt64, decays: Bool = true) throws -> TrainingCost {
    let plan = try plan(count: 1, examples: examples, seed: seed, decays: decays)
    let optimizer = try plan.optimizer.make(plan.request)
    var remembered = 0
    for vector in optimizer.vectors { remembered += vector.values.count }
    var (vectors, batches) = (2 + remembered + (optimizer.hasSolution ? 1 : 0), 1)
    for decorator in plan.decorators {
      vectors += decorator.vectorCount
      batches *= decorator.batchCount
    }
    return TrainingCost(
      vectors: vectors, optimizerVectors: remembered, batches: batches,
      keepsStatistics: plan.keepsStatistics && !optimizer.hasSolution)
  }
}

extension RunPlan {
  /// Adds epochs of training on a data set, with validation after each.
  ///
  /// - Parameters:
  ///   - keepsStatistics: whether validation takes the running statistics of training.
  public mutating func train(
    _ network: Network, on dataset: Dataset, validation: Dataset?, _ training: TrainingOptions,
    keepsStatistics: Bool
  ) throws {
    hold(dataset, batchSize: training.batchSize, shuffled: true)
    let batches = try training.cost(examples: dataset.count, seed: 0).batches
    memory.add(
      Double(batches - 1) * dataset.batchBytes(training.batchSize), "the batches of a step")
    try run(
      network, .training, over: dataset.count, batchSize: training.batchSize,
      passes: Double(training.epochs))
    guard let validation else { return }
    hold(validation, batchSize: training.batchSize)
    try run(
      network, .prediction, over: validation.count, batchSize: training.batchSize,
      passes: Double(training.epochs))
    memory.add(network.vectorNeed(vectors: 1, for: "validation"))
    guard network.hasBatchNormalization, !keepsStatistics else { return }
    try run(
      network, .refreshing, over: dataset.count, batchSize: training.batchSize,
      passes: Double(training.epochs))
  }
}
