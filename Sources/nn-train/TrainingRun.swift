import Datasets
import Files
import Glibc
import NetworkSupport
import NeuralNetworks
import Prediction
import ToolSupport
import Training
import TrajectoryFiles
import WeightSpace

/// One run of nn-train: a session, the trajectory it writes, and the table it prints.
final class TrainingRun {
  private let tool: NnTrain
  private let dataset: Dataset
  private let validation: Dataset?
  private let network: Network
  private let rule: SnapshotRule
  private let settings: RunSettings
  private let session: TrainingSession
  private let solution: Solution
  private let average: (any OnlineAverage)?
  /// Whether snapshots hold the average.
  private let averagesSnapshots: Bool
  private let validator: Validator?

  init(
    tool: NnTrain, dataset: Dataset, validation: Dataset?, network: Network, loss: Loss
  ) throws {
    self.tool = tool
    self.dataset = dataset
    self.validation = validation
    self.network = network
    let (seed, training) = (tool.seed.seed, tool.training)
    rule = try tool.snapshots.rule(training)
    try network.checkMemory(
      vectors: training.cost(examples: dataset.count, seed: seed).vectors,
      batchSize: min(training.batchSize, dataset.count), for: "training them")
    settings = RunSettings(tool, dataset, network, loss, rule)
    let loader = try BatchLoader(
      dataset, batchSize: min(training.batchSize, dataset.count),
      augmentation: tool.augmentation.augmentation(for: dataset), seed: seed, shuffle: true)
    let plan = try training.plan(
      count: network.parameterCount, examples: dataset.count, seed: seed,
      statistics: network.bufferLayout.count)
    let loop = try plan.visit(
      NetworkObjective(network, loss: loss), NetworkBatches(loader))
    let average = try tool.average(network, loader)
    session = TrainingSession(loop, observers: average.map { [$0] } ?? [])
    self.average = average
    averagesSnapshots = tool.averages.snapshotAverage || tool.averages.snapshotMean
    solution = Solution(
      average: averagesSnapshots ? average : nil, keepsStatistics: plan.keepsStatistics)
    validator = try validation.map {
      try Validator(
        network, $0, loss: loss, loader: loader, batchSize: training.batchSize, seed: seed)
    }
  }

  /// Trains to the last epoch, from the beginning or from where the output file stands.
  func execute(from initial: NetworkWeights?) throws {
    var table = try TrainingTable(
      dataset, validation: validation != nil, output: tool.output.target, json: tool.json,
      quiet: tool.quiet.quiet)
    let trajectory = try openOutput(initial)
    session.observe(
      with: SnapshotRecorder(rule, of: solution) { [unowned self] weights, buffers, moment in
        try trajectory.append(
          weights, buffers: buffers,
          columns: [
            Double(moment.step.index + 1), moment.position, moment.summary.learningRate,
            moment.summary.loss,
          ] + (average == nil ? [] : [Double(averaged)]))
      })
    do {
      let run = SessionRun(
        "nn-train", session, to: tool.output.target, epochs: tool.training.epochs,
        quiet: tool.quiet.quiet)
      try run.run(&table) {
        try trajectory.save(session.checkpoint)
      } validate: {
        try validate()
      }
    } catch {
      trajectory.removeIfEmpty()
      throw error
    }
    try trajectory.finish()
  }

  /// How many points are in what a snapshot holds now; 0 for weights as they are.
  private var averaged: Int {
    if let restarts = average as? RestartedAverage, restarts.restarted > 0 {
      return restarts.restarted
    }
    return averagesSnapshots ? average?.count ?? 0 : 0
  }

  private func validate() throws -> Evaluation? {
    guard let validator else { return nil }
    var result: Evaluation?
    try solution.read(session.loop) { result = try validator.evaluate($0, $1) }
    return result
  }

  // MARK: The output file

  private func openOutput(_ initial: NetworkWeights?) throws -> GrowingTrajectory {
    let target = tool.output.target
    if tool.resume, let part = target.part,
      let trajectory = try GrowingTrajectory.resume(
        part, parts, command: tool.output.history(of: [])?.first, settings: settings,
        session.checkpoint)
    {
      return trajectory
    }
    try begin(from: initial)
    return try GrowingTrajectory.create(
      target, parts, architecture: network.architecture.json(),
      history: tool.output.history(
        of: [initial?.reader.history ?? [], dataset.history]),
      expected: rule.count(
        epochs: tool.training.epochs, steps: session.loop.stepsPerEpoch,
        schedule: session.loop.schedule), settings: settings.text)
  }

  /// What is in the file of such a run.
  private var parts: GrowingTrajectory.Parts {
    let checkpoint = session.checkpoint
    return GrowingTrajectory.Parts(
      layout: network.parameterLayout,
      bufferLayout: solution.hasStatistics(session.loop) ? network.bufferLayout : nil,
      columns: ["step", "epoch", "learning_rate", "train_loss"]
        + (average == nil ? [] : ["averaged"]),
      stateVectors: checkpoint.vectors.map { ($0.name, $0.values.count) },
      stateScalars: checkpoint.numbers.map(\.name))
  }

  /// Sets the first weights and statistics.
  private func begin(from initial: NetworkWeights?) throws {
    let state = session.loop.state
    state.weights = network.initialWeights(seed: tool.seed.seed)
    state.buffers = network.initialBuffers()
    if let initial {
      try initial.read(
        initial.reader.snapshotCount - 1, weights: &state.weights, buffers: &state.buffers)
    }
    session.start()
  }
}

extension NnTrain {
  /// The average that `--average` or `--snapshot-mean` asks for.
  fileprivate func average(_ network: Network, _ loader: BatchLoader) throws
    -> (any OnlineAverage)?
  {
    if averages.snapshotMean { return WindowMean(count: network.parameterCount) }
    let pass = StatisticsPass(network, loader, seed: seed.seed)
    return try averages.chosen?.made(for: "--average").make(
      AverageRequest(count: network.parameterCount, epochs: training.epochs) {
        try pass.run(at: $0, into: &$1)
      })
  }
}

extension RunSettings {
  /// What decides the weights of nn-train. The number of epochs is not part of it, so that a run can
  /// be made longer where its schedule does not depend on that.
  fileprivate init(
    _ tool: NnTrain, _ dataset: Dataset, _ network: Network, _ loss: Loss, _ rule: SnapshotRule
  ) {
    self.init(
      [
        RunSetting("--model", network.architecture.json()),
        RunSetting("--loss", loss.rawValue),
        RunSetting(
          "the data's examples", "\(dataset.count) of shape \(dataset.inputShape)"),
        RunSetting("the data's digest", dataset.digest),
        RunSetting("--seed", "\(tool.seed.seed)"),
        RunSetting("--augment", tool.augmentation.augment ?? "none"),
        RunSetting("--init", tool.initial ?? "none"), RunSetting("the snapshots' rule", "\(rule)"),
      ] + tool.training.settings
        + tool.averages.settings(epochs: tool.training.epochs))
  }
}
