import ArgumentParser
import Bridge
import Datasets
import Files
import HDF5
import NetworkSupport
import NeuralNetworks
import Prediction
import ToolSupport
import TrajectoryFiles

/// The predictive distribution averaged over snapshots.
@main struct NnPredict: Tool {
  static let configuration = CommandConfiguration(
    commandName: "nn-predict",
    abstract: "Average the predictions of all snapshots of all files.",
    discussion: """
      For classes the mean of the probabilities; for a regression the mean, and the variance split \
      into its aleatoric and epistemic parts, in the targets' own units. One snapshot is in memory \
      at a time.
      """,
    version: networkVersionText(of: "nn-predict"))

  @Argument(
    help: ArgumentHelp("Weight files; - or none is standard input.", valueName: "trajectory"))
  var trajectories: [String] = []
  @Option(help: ArgumentHelp("The data set to predict.", valueName: "data")) var data: String?
  @Flag(help: "Keep the predictions of every snapshot too.") var members = false
  @Option(
    name: .customLong("mc-dropout"),
    help: ArgumentHelp(
      "Predict S times with each snapshot, dropping units at random as in training.",
      valueName: "s"))
  var mcDropout: Int?
  @Option(
    help: ArgumentHelp(
      "Noise of a regression's targets, in their units, where the network predicts none.",
      valueName: "s"))
  var noiseStd: Double?
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
      ("model", model.model != nil), ("mc-dropout", mcDropout != nil), ("plan", planning.plan),
    ])
    if let mcDropout, !(1...100_000).contains(mcDropout) {
      throw ValidationError("--mc-dropout must be 1 to 100000")
    }
    if let noiseStd, !(noiseStd > 0 && noiseStd.isFinite) {
      throw ValidationError("--noise-std must be positive")
    }
  }

  func execute() throws {
    try output.check(inputs: (trajectories.isEmpty ? ["-"] : trajectories) + [data, model.model])
    let remark =
      if let command = worker.command { try predict(by: command) } else { try predict() }
    if !quiet.quiet, let remark { StandardError.write("nn-predict: \(remark)\n") }
  }

  /// By a program; what cannot be measured of the predictions.
  private func predict(by command: String) throws -> String? {
    threads.apply()
    let dataset = try data.map { try Dataset.read($0, anyTargets: true, withInputs: false) }
    // Before hours of work: whether the output can be written.
    _ = try AtomicOutput(output.target.path)
    let files = try worker.worker(
      command, data: data, dataset: dataset, batchSize: batch.batchSize
    ).open(trajectories, selection: selection.selection)
    let prediction = BridgedPrediction(
      files, data: dataset, noiseStd: noiseStd, quiet: quiet.quiet)
    return try prediction.write(members: members) { kind, count, classNames in
      try PredictionsWriter(
        to: checksums.applied(to: output.target), kind: kind, count: count,
        snapshots: prediction.memberCount, members: members ? prediction.memberCount : nil,
        classNames: classNames,
        history: output.history(of: files.map(\.reader.history) + [dataset?.history ?? []]))
    }
  }

  /// By networks of the suite.
  private func predict() throws -> String? {
    guard let data else { return nil }
    threads.applyToNetworks()
    let dataset = try Dataset.read(data, anyTargets: true, withInputs: !planning.plan)
    let files = try NetworkWeights.open(
      trajectories, selection: selection.selection, model: model.model, for: dataset,
      anyClasses: true)
    try check(files, dataset)
    let run = PredictionRun(
      files: files, dataset: dataset, batchSize: batch.batchSize, draws: mcDropout ?? 1,
      dropoutSeed: mcDropout == nil ? nil : seed.seed, noiseStd: noiseStd ?? 0, quiet: quiet.quiet)
    if planning.plan {
      try planning.print(planned(run))
      return nil
    }
    let writer = try PredictionsWriter(
      to: checksums.applied(to: output.target), kind: run.kind, count: dataset.count,
      snapshots: run.memberCount,
      members: members ? run.memberCount : nil, classNames: run.classNames,
      history: output.history(of: files.map(\.reader.history) + [dataset.history]))
    try run.write(to: writer, members: members)
    try writer.finish()
    return run.remark
  }

  private func check(_ files: [NetworkWeights], _ dataset: Dataset) throws {
    for file in files {
      let isRegression = dataset.isRegression(for: file.network)
      if noiseStd != nil && (!isRegression || file.network.predictsVariance) {
        throw NetworkError(
          isRegression
            ? "\(file.reader.name): its network predicts a variance; leave --noise-std out"
            : "--noise-std belongs to real targets, but \(dataset.name) has classes")
      }
      guard file.network.outputCount == files[0].network.outputCount,
        file.network.predictsVariance == files[0].network.predictsVariance
      else {
        throw NetworkError(
          "\(file.reader.name): \(file.network.outputCount) outputs, but \(files[0].reader.name)"
            + " has \(files[0].network.outputCount), or one of both predicts variances")
      }
      guard mcDropout == nil || file.network.hasDropout else {
        throw NetworkError(
          "\(file.reader.name): the network has no dropout to sample; train it with nn-train "
            + "--dropout")
      }
    }
  }
}
