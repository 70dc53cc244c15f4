import Datasets
import Files
import Glibc
import HDF5
import NetworkSupport
import NeuralNetworks
import Objectives
import Optimizers
import Prediction
import ToolSupport
import Training
import TrajectoryFiles
import WeightSpace

/// One run of nn-train: a trainer, the trajectory it writes, and the table it prints.
final class TrainingRun {
  private let tool: NnTrain
  private let dataset: Dataset
  private let validation: Dataset?
  private let network: Network
  private let loss: Loss
  private let rule: SnapshotRule
  private let trainer: Trainer<NetworkObjective, NetworkBatches>
  private let predictor: Predictor?
  private let settings: RunSettings
  private let steps: Int

  private static let columns = ["step", "epoch", "learning_rate", "train_loss"]

  init(
    tool: NnTrain, dataset: Dataset, validation: Dataset?, network: Network, loss: Loss
  ) throws {
    self.tool = tool
    self.dataset = dataset
    self.validation = validation
    self.network = network
    self.loss = loss
    rule = try tool.snapshots.rule(tool.training)
    // Weights, gradient and, of an optimiser with memory, its vectors.
    try network.checkMemory(vectors: 3, for: "training them")
    settings = RunSettings(tool, dataset, network, loss, rule)
    let seed = tool.seed.seed
    let loader = try BatchLoader(
      dataset, batchSize: min(tool.training.batchSize, dataset.count),
      augmentation: tool.augmentation.augmentation(for: dataset), seed: seed, shuffle: true)
    steps = loader.batchCount
    trainer = try Trainer(
      NetworkObjective(network, loss: loss),
      optimizer: tool.training.makeOptimizer(count: network.parameterCount),
      schedule: tool.training.makeSchedule(),
      source: NetworkBatches(loader), seed: seed,
      weights: network.initialWeights(seed: seed), buffers: network.initialBuffers())
    predictor = try validation.map {
      try Predictor(network, batchSize: min(tool.training.batchSize, $0.count))
    }
  }

  /// Trains to the last epoch, from the beginning or from where the output file stands.
  func execute(from initial: NetworkWeights?) throws {
    let trajectory = try openOutput(initial)
    if trainer.state.epoch >= tool.training.epochs, !tool.quiet.quiet {
      StandardError.write("nn-train: all \(trainer.state.epoch) epochs are done\n")
    }
    var table = TrainingTable(
      dataset, validation: validation != nil, output: tool.output.target, json: tool.json,
      quiet: tool.quiet.quiet)
    do {
      while trainer.state.epoch < tool.training.epochs { try runEpoch(trajectory, &table) }
    } catch {
      // A run that failed before its first snapshot leaves nothing behind.
      if trajectory.count == 0, let path = tool.output.target.path { unsafe unlink(path) }
      throw error
    }
    try table.finish()
    try trajectory.finish()
  }

  // MARK: One epoch

  private func runEpoch(_ trajectory: GrowingTrajectory, _ table: inout TrainingTable) throws {
    let start = now()
    let progress = ProgressBar(
      "epoch \(trainer.state.epoch + 1)/\(tool.training.epochs)", total: steps, unit: "steps",
      quiet: tool.quiet.quiet)
    let summary = try trainer.runEpoch { moment in
      let summary = moment.summary
      progress.update(moment.done, note: "loss \(summary.loss.significant(4))")
      if rule.isDue(
        epoch: summary.epoch, step: moment.done, steps: steps, schedule: trainer.schedule)
      {
        guard trainer.state.weights.isFinite else { throw DivergenceError(epoch: summary.epoch) }
        try trajectory.append(
          trainer.state.weights, buffers: trainer.state.buffers,
          columns: [
            Double(trainer.optimizer.updateCount), moment.position, summary.learningRate,
            summary.loss,
          ])
      }
    }
    try saveState(trajectory)
    let result = try validate()
    progress.clear()
    try table.add(summary, validation: result, seconds: now() - start)
  }

  private func validate() throws -> Evaluation? {
    guard let validation, let predictor else { return nil }
    predictor.load { weights, buffers in
      weights.copy(from: trainer.state.weights)
      buffers.copy(from: trainer.state.buffers)
    }
    return try Evaluation(predictor, validation, loss: loss)
  }

  // MARK: The output file

  private func openOutput(_ initial: NetworkWeights?) throws -> GrowingTrajectory {
    let path = tool.output.target.path
    if let path {
      for input in [dataset.name, validation?.name, initial?.reader.name] {
        guard let input, tool.output.target.isSameFile(as: input) else { continue }
        throw FileError(.cannotCreate, file: path, "is an input of this run; choose another -o")
      }
    }
    if let path, tool.output.target.isRegularFile, !tool.overwrite {
      guard tool.resume else {
        throw FileError(
          .cannotCreate, file: path,
          "exists; --resume goes on with its run, --overwrite replaces it")
      }
      if let trajectory = try resumed(path) { return trajectory }
    }
    if let initial {
      try initial.read(
        initial.reader.snapshotCount - 1, weights: &trainer.state.weights,
        buffers: &trainer.state.buffers)
    }
    let statistics = network.hasBatchNormalization
    let state = trainer.optimizer.vectors.map { (name: $0.name, count: network.parameterCount) }
    return try GrowingTrajectory.create(
      tool.output.target, layout: network.parameterLayout,
      bufferLayout: statistics ? network.bufferLayout : nil,
      architecture: network.architecture.json(),
      history: tool.output.history(
        of: [initial?.reader.history ?? [], dataset.history]), columns: Self.columns,
      expected: rule.count(
        epochs: tool.training.epochs, steps: steps, schedule: trainer.schedule),
      stateVectors: [("weights", network.parameterCount)]
        + (statistics ? [("buffers", network.bufferLayout.count)] : []) + state,
      stateScalars: ["epoch", "update_count"], settings: settings.text)
  }

  /// The file to go on with, the trainer set to its state; nil where nothing was saved before the
  /// run stopped, so that it starts over.
  private func resumed(_ path: String) throws -> GrowingTrajectory? {
    let trajectory = try GrowingTrajectory.resume(path)
    do {
      try settings.requireSame(as: trajectory.settings ?? "", in: path)
    } catch {
      try trajectory.finish()
      throw error
    }
    guard trajectory.hasState else {
      try trajectory.finish()
      return nil
    }
    try trajectory.readState("weights", into: &trainer.state.weights)
    if network.hasBatchNormalization {
      try trajectory.readState("buffers", into: &trainer.state.buffers)
    }
    for vector in trainer.optimizer.vectors {
      try trajectory.readState(vector.name, into: &vector.values)
    }
    let scalars = try trajectory.stateScalars()
    trainer.state.epoch = Int(scalars["epoch"] ?? 0)
    trainer.optimizer.updateCount = Int(scalars["update_count"] ?? 0)
    return trajectory
  }

  private func saveState(_ trajectory: GrowingTrajectory) throws {
    try trajectory.writeState("weights", trainer.state.weights)
    if network.hasBatchNormalization { try trajectory.writeState("buffers", trainer.state.buffers) }
    for vector in trainer.optimizer.vectors {
      try trajectory.writeState(vector.name, vector.values)
    }
    try trajectory.commitState(
      scalars: [
        "epoch": Double(trainer.state.epoch), "update_count": Double(trainer.optimizer.updateCount),
      ])
  }
}
