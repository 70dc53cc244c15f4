import ArgumentParser
import Bridge
import Datasets
import Files
import NetworkSupport
import NeuralNetworks
import Prediction
import ToolSupport
import TrajectoryFiles
import WeightSpace

/// Fresh BatchNorm statistics for every snapshot.
@main struct BnUpdate: Tool {
  static let configuration = CommandConfiguration(
    commandName: "bn-update",
    abstract: "Recompute BatchNorm's running statistics for every snapshot.",
    discussion: """
      One forward pass in training mode over the training data for each snapshot: the statistics \
      become the average of the batches' means and unbiased variances, each batch weighted by its \
      examples. Give the training set and its augmentation. Networks without BatchNorm pass \
      through as they are.
      """,
    version: networkVersionText(of: "bn-update"))

  @Argument(
    help: ArgumentHelp("Weight file; - or none is standard input.", valueName: "trajectory"))
  var trajectory = "-"
  @Option(help: ArgumentHelp("The training data.", valueName: "data")) var data: String?
  @Option(
    help: ArgumentHelp("The share of the shuffled batches to use.", valueName: "f"))
  var fraction = 1.0
  @OptionGroup var augmentation: AugmentationOptions
  @OptionGroup var worker: WorkerOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var selection: SelectionOptions
  @OptionGroup var batch: BatchSizeOptions
  @OptionGroup var seed: SeedOptions
  @OptionGroup var planning: PlanOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var checksums: ChecksumOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    try worker.requireData(data)
    try worker.refuse([
      ("model", model.model != nil), ("augment", augmentation.augment != nil),
      ("fraction", fraction != 1), ("plan", planning.plan),
    ])
    guard fraction > 0, fraction <= 1 else {
      throw ValidationError("--fraction must be above 0 and at most 1")
    }
  }

  func execute() throws {
    try output.check(inputs: [trajectory, data, model.model])
    if let command = worker.command { return try refresh(by: command) }
    guard let data else { return }
    threads.applyToNetworks()
    let dataset = try Dataset.read(data, anyTargets: true, withInputs: !planning.plan)
    let reader = try TrajectoryReader(trajectory, selection: selection.selection)
    let file = try NetworkWeights(
      reader, ModelSource(model: model.model), input: dataset.inputShape)
    let network = file.network
    try dataset.check(fits: network, loss: dataset.loss(for: network), anyClasses: true)
    let augmentation = try augmentation.augmentation(for: dataset)
    if planning.plan { return try planning.print(planned(file, dataset)) }
    let result = try RefreshedTrajectory(
      of: reader, to: checksums.applied(to: output.target), layout: network.parameterLayout,
      statistics: network.hasBatchNormalization ? network.bufferLayout : nil,
      architecture: network.architecture.json(),
      history: output.history(of: [reader.history, dataset.history]))
    let loader = BatchLoader(
      dataset, batchSize: min(batch.batchSize, dataset.count), augmentation: augmentation,
      seed: seed.seed, shuffle: true)
    let refreshed = DatasetStatistics(network, loader, fraction: fraction, seed: seed.seed)
    let progress = ProgressBar(
      "refreshing", total: refreshed.batchCount * reader.snapshotCount, unit: "batches",
      quiet: quiet.quiet)
    var weights = WeightVector(count: network.parameterCount)
    for i in 0..<reader.snapshotCount {
      try file.readWeights(i, into: &weights)
      let statistics = try refreshed.statistics(of: weights) {
        progress.update(i * refreshed.batchCount + $0)
      }
      if let k = statistics.firstNonFinite {
        let tensor = network.bufferLayout.slots.first { $0.range.contains(k) }!
        throw FileError(
          .wrongData, file: reader.name, object: GroupName.weights.path,
          "snapshot \(reader.indices[i]): the statistic \(tensor.name) becomes \(statistics[k]): weights or"
            + " inputs are so large that sums overflow")
      }
      try result.write(weights, statistics: statistics, of: i)
    }
    progress.clear()
    try result.finish()
  }

  /// Has a program refresh the statistics.
  private func refresh(by command: String) throws {
    threads.apply()
    let history = try data.map { try Dataset.read($0, anyTargets: true, withInputs: false).history }
    let reader = try TrajectoryReader(trajectory, selection: selection.selection)
    _ = try AtomicOutput(output.target.path)
    let file = try BridgedSnapshots(
      reader, worker.worker(command, data: data, dataset: nil, batchSize: batch.batchSize))
    let progress = ProgressBar(
      "refreshing", total: reader.snapshotCount, unit: "snapshots", quiet: quiet.quiet)
    var result: RefreshedTrajectory?
    for i in 0..<reader.snapshotCount {
      try file.refresh(i) { weights, statistics, layout in
        let writer =
          try result
          ?? RefreshedTrajectory(
            of: reader, to: checksums.applied(to: output.target), layout: reader.layout,
            statistics: layout, architecture: reader.architecture,
            history: output.history(of: [reader.history, history ?? []]))
        result = writer
        try writer.write(weights, statistics: statistics, of: i)
      }
      progress.update(i + 1)
    }
    progress.clear()
    try result?.finish()
  }
}
