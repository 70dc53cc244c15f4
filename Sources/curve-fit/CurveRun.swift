import Datasets
import NetworkSupport
import NeuralNetworks
import Posteriors
import ToolSupport
import Training
import TrajectoryFiles
import WeightSpace

/// One run of curve-fit: a trainer of the bends, the table it prints, and the file it writes.
final class CurveRun {
  private let tool: CurveFit
  private let dataset: Dataset
  private let validation: Dataset?
  private let loss: Loss
  private let network: Network
  private let curve: WeightCurve
  private let trainer: Trainer<CurveObjective<NetworkObjective>, NetworkBatches>
  private let middle: CurveMiddle?
  private let file: CurveFile
  private let settings: RunSettings

  init(
    tool: CurveFit, dataset: Dataset, validation: Dataset?, ends: CurveEnds, loss: Loss
  ) throws {
    self.tool = tool
    self.dataset = dataset
    self.validation = validation
    self.loss = loss
    let network = ends.network
    self.network = network
    curve = WeightCurve(tool.curve, pointCount: tool.bends + 2)
    // The ends, the point and its gradient, and of each bend what nn-train has of its weights.
    try network.checkMemory(vectors: 4 + 3 * tool.bends, for: "training this curve")
    let (seed, training) = (tool.seed.seed, tool.training)
    let loader = try BatchLoader(
      dataset, batchSize: min(training.batchSize, dataset.count),
      augmentation: tool.augmentation.augmentation(for: dataset), seed: seed, shuffle: true)
    let objective = try CurveObjective(
      NetworkObjective(network, loss: loss), curve: curve, ends: ends.read(),
      weightDecay: training.weightDecay)
    trainer = try Trainer(
      objective,
      optimizer: training.makeOptimizer(
        count: tool.bends * network.parameterCount, decays: false),
      schedule: training.makeSchedule(), source: NetworkBatches(loader), seed: seed,
      weights: objective.straightBends())
    middle = try validation.map {
      try CurveMiddle(network, validation: $0, loader: loader, seed: seed)
    }
    file = CurveFile(
      tool.output.target, curve: curve, network: network,
      history: tool.output.history(of: ends.histories + [dataset.history]))
    settings = RunSettings(
      [
        ("--curve", curve.shape.rawValue), ("--bends", "\(tool.bends)"),
        ("--model", network.architecture.json()), ("--loss", loss.rawValue),
        ("the data's digest", dataset.digest), ("--seed", "\(seed)"),
        ("--augment", tool.augmentation.augment ?? "none"),
      ] + training.settings)
    if tool.resume, let path = tool.output.target.path, tool.output.target.isRegularFile {
      try file.resume(path, trainer, settings)
    } else {
      // An output that cannot be made is said before the training, not after it.
      try file.check()
    }
  }

  func execute() throws {
    var table = TrainingTable(
      dataset, validation: validation != nil, output: tool.output.target, json: tool.json,
      quiet: tool.quiet.quiet)
    if trainer.state.epoch >= tool.training.epochs, !tool.quiet.quiet {
      StandardError.write("curve-fit: all \(trainer.state.epoch) epochs are done\n")
    }
    while trainer.state.epoch < tool.training.epochs {
      try runEpoch(&table)
      if tool.resume { try file.write(trainer, settings) }
    }
    try table.finish()
    if !tool.resume { try file.write(trainer, nil) }
  }

  private func runEpoch(_ table: inout TrainingTable) throws {
    let start = now()
    let progress = ProgressBar(
      "epoch \(trainer.state.epoch + 1)/\(tool.training.epochs)", total: trainer.stepsPerEpoch,
      unit: "steps", quiet: tool.quiet.quiet)
    let summary = try trainer.runEpoch { moment in
      progress.update(moment.done, note: "loss \(moment.summary.loss.significant(4))")
    }
    guard trainer.state.weights.isFinite else { throw DivergenceError(epoch: summary.epoch) }
    let result = try middle?.evaluate(loss: loss) { point in
      trainer.objective.point(at: 0.5, bends: trainer.state.weights, into: &point)
    }
    progress.clear()
    try table.add(summary, validation: result, seconds: now() - start)
  }
}
