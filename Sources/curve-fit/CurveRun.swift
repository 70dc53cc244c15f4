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
  private let trainer: Trainer<CurveObjective<NetworkObjective>>
  private let middle: CurveMiddle?
  private let output: TensorFileWriter

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
      NetworkObjective(network, loss: loss, seed: seed), curve: curve, ends: ends.read(),
      weightDecay: training.weightDecay, seed: seed)
    trainer = try Trainer(
      objective: objective,
      optimizer: training.makeOptimizer(
        count: tool.bends * network.parameterCount, decays: false),
      schedule: training.makeSchedule(), loader: loader, weights: objective.straightBends(),
      buffers: WeightVector(count: 0))
    middle = try validation.map {
      try CurveMiddle(network, validation: $0, loader: loader, seed: seed)
    }
    output = try TensorFileWriter(
      to: tool.output.target, kind: "curve", layout: network.parameterLayout,
      groups: [("weights", curve.pointCount)], architecture: network.architecture.json(),
      history: tool.output.history(of: ends.histories + [dataset.history]))
  }

  func execute() throws {
    var table = TrainingTable(
      dataset, validation: validation != nil, output: tool.output.target, json: tool.json,
      quiet: tool.quiet.quiet)
    while trainer.epoch < tool.training.epochs { try runEpoch(&table) }
    try table.finish()
    try write()
  }

  private func runEpoch(_ table: inout TrainingTable) throws {
    let start = now()
    let progress = ProgressBar(
      "epoch \(trainer.epoch + 1)/\(tool.training.epochs)", total: trainer.loader.batchCount,
      unit: "steps", quiet: tool.quiet.quiet)
    let summary = try trainer.runEpoch { step, summary in
      progress.update(step, note: "loss \(summary.loss.significant(4))")
    }
    guard trainer.weights.isFinite else { throw DivergenceError(epoch: summary.epoch) }
    let result = try middle?.evaluate(loss: loss) { point in
      trainer.objective.point(at: 0.5, bends: trainer.weights, into: &point)
    }
    progress.clear()
    try table.add(summary, validation: result, seconds: now() - start)
  }

  private func write() throws {
    let count = network.parameterCount
    var end = WeightVector(count: count)
    for (t, row) in [(0.0, 0), (1.0, curve.pointCount - 1)] {
      trainer.objective.point(at: t, bends: trainer.weights, into: &end)
      try output.write(end, to: "weights", row: row)
    }
    for i in 0..<tool.bends {
      try trainer.weights.withSpan((i * count)..<((i + 1) * count)) {
        try output.writeColumns(0..<count, of: "weights", row: i + 1, from: $0)
      }
    }
    try output.setAttribute("curve", curve.shape.rawValue)
    try output.finish()
  }
}

/// A training step's objective is the curve at a t of its own.
extension CurveObjective: BatchObjective where Base: BatchObjective {
  public var last: BatchLoss { base.last }

  /// Setting it draws t, which is a function of it and the seed.
  public var step: UInt64 {
    get { base.step }
    set {
      base.step = newValue
      t = WeightCurve.ofStep(newValue, seed: seed)
    }
  }

  /// Statistics of points all over the curve are those of none of them: there are none.
  public func updateRunningStatistics(_ buffers: inout WeightVector) {}
}
