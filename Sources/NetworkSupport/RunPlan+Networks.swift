import Datasets
import Machine
import NeuralNetworks
import ToolSupport
import TrajectoryFiles
import WeightSpace

// What tools that run networks take: of each part what `RunPlan` counts.
extension RunPlan {
  /// A data set that is read whole, and one batch of it.
  public mutating func hold(_ dataset: Dataset, batchSize: Int, shuffled: Bool = false) {
    read(dataset.inputBytes + dataset.targetBytes)
    memory.add(dataset.inputBytes, "the inputs of \(dataset.name)")
    memory.add(
      2 * dataset.batchBytes(batchSize) + (shuffled ? 4 * Double(dataset.count) : 0), "batches")
  }

  /// What the engine needs for batches of that size and for the smaller one at the end, and the time of
  /// so many passes over the examples.
  ///
  /// - Parameter reachesLast: whether the last, smaller batch is run at all.
  public mutating func run(
    _ network: Network, _ use: EngineUse, over count: Int, batchSize: Int, passes: Double,
    reachesLast: Bool = true
  ) throws {
    let size = min(batchSize, count)
    let fillsLast = use == .prediction || use == .sampling
    let rest = fillsLast || !reachesLast || count % size == 0 ? [] : [count % size]
    memory.add(
      try network.engineBytes(use, batchSizes: Set([size] + rest)),
      "the engine, batches of \(size)")
    work += network.seconds(
      use, examples: passes * Double(count), batchSize: size, threads: Parallelism.threadCount)
  }

  /// Snapshots of a weight file, which are in memory one at a time.
  public mutating func read(_ file: NetworkWeights, passes: Double = 1) {
    read((file.reader.storedBytes + file.reader.storedBufferBytes) * passes, passes: 1)
  }
}

/// What evaluating or predicting with these files takes: weights and running statistics of one snapshot
/// at a time, and one predictor for each network.
///
/// - Parameters:
///   - draws: passes over the data of each snapshot.
///   - readings: how often each snapshot is read.
public func predictionPlan(
  _ work: String, _ files: [NetworkWeights], _ dataset: Dataset, batchSize: Int,
  use: EngineUse = .prediction, draws: Int = 1, readings: Int = 1
) throws -> RunPlan {
  var engine = 0.0
  for file in files {
    engine = max(
      engine, try file.network.engineBytes(use, batchSizes: [min(batchSize, dataset.count)]))
  }
  var plan = RunPlan(work)
  plan.hold(dataset, batchSize: batchSize)
  plan.memory.add(engine, "the engine, batches of \(min(batchSize, dataset.count))")
  let largest = files.map { $0.network.parameterCount + $0.network.bufferLayout.count }.max() ?? 0
  plan.memory.add(4 * Double(largest), "weights and running statistics")
  for file in files {
    plan.read(file, passes: Double(readings))
    plan.work += file.network.seconds(
      use, examples: Double(draws * dataset.count * file.reader.snapshotCount),
      batchSize: batchSize, threads: Parallelism.threadCount)
  }
  return plan
}
