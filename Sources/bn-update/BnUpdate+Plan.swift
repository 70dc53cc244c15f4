import Datasets
import Machine
import NetworkSupport
import NeuralNetworks
import ToolSupport
import TrajectoryFiles
import WeightSpace

extension BnUpdate {
  /// What this run would take.
  func planned(_ file: NetworkWeights, _ dataset: Dataset) throws -> RunPlan {
    let network = file.network
    let hasStatistics = network.hasBatchNormalization
    let snapshots = file.reader.snapshotCount
    var plan = RunPlan("refreshing")
    plan.hold(dataset, batchSize: batch.batchSize, shuffled: hasStatistics)
    plan.read(file)
    if hasStatistics {
      try plan.run(
        network, .refreshing, over: dataset.count, batchSize: batch.batchSize,
        passes: fraction * Double(snapshots), reachesLast: fraction == 1)
    }
    plan.memory.add(network.vectorNeed(vectors: 1, for: "refreshing"))
    plan.write(
      RefreshedTrajectory.size(
        of: file.reader, layout: network.parameterLayout,
        statistics: hasStatistics ? network.bufferLayout : nil,
        architecture: try network.architecture.json(),
        history: output.history(of: [file.reader.history, dataset.history])))
    return plan
  }
}
