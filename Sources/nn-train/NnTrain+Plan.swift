import Datasets
import Machine
import NetworkSupport
import NeuralNetworks
import ToolSupport
import Training
import TrajectoryFiles
import WeightSpace

extension NnTrain {
  /// What this run would take.
  func planned(
    _ network: Network, _ dataset: Dataset, validation: Dataset?, initial: NetworkWeights?
  ) throws -> RunPlan {
    let cost = try training.cost(examples: dataset.count, seed: seed.seed)
    let average = try averageVectors()
    let keepsStatistics = cost.keepsStatistics && average == 0
    var plan = RunPlan("training")
    try plan.train(
      network, on: dataset, validation: validation, training, keepsStatistics: keepsStatistics)
    plan.memory.add(
      network.vectorNeed(vectors: cost.vectors + average, for: "training them"))
    if let initial { plan.read(4 * Double(initial.reader.layout.count)) }
    let steps = (dataset.count + training.batchSize - 1) / training.batchSize
    let snapshots = try snapshots.rule(training).count(
      epochs: training.epochs, steps: steps, schedule: training.makeSchedule())
    let remembered = 1 + cost.optimizerVectors + average
    plan.write(
      GrowingTrajectory.size(
        GrowingTrajectory.Parts(
          layout: network.parameterLayout,
          bufferLayout: keepsStatistics && network.hasBatchNormalization
            ? network.bufferLayout : nil,
          columns: ["step", "epoch", "learning_rate", "train_loss"]
            + (average > 0 ? ["averaged"] : []),
          stateVectors: (0..<remembered).map { ("\($0)", network.parameterCount) }
            + [("buffers", network.bufferLayout.count)],
          stateScalars: ["epoch", "update_count"]),
        architecture: network.architecture.json(),
        history: output.history(of: [initial?.reader.history ?? [], dataset.history]),
        snapshots: snapshots, settings: try network.architecture.json()))
    return plan
  }

  /// Vectors of P weights that an average keeps.
  private func averageVectors() throws -> Int {
    if averages.snapshotMean { return 1 }
    let average = try averages.chosen?.made(for: "--average").make(
      AverageRequest(count: 1, epochs: training.epochs) { _, _ in })
    var count = 0
    for vector in average?.vectors ?? [] { count += vector.values.count }
    return count
  }
}
