import ArgumentParser
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
  @Option(help: ArgumentHelp("The data set to predict.", valueName: "data")) var data: String
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
  @OptionGroup var model: ModelOptions
  @OptionGroup var selection: SelectionOptions
  @OptionGroup var batch: BatchSizeOptions
  @OptionGroup var seed: SeedOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    if let mcDropout, !(1...100_000).contains(mcDropout) {
      throw ValidationError("--mc-dropout must be 1 to 100000")
    }
    if let noiseStd, !(noiseStd > 0 && noiseStd.isFinite) {
      throw ValidationError("--noise-std must be positive")
    }
  }

  func execute() throws {
    threads.applyToNetworks()
    let dataset = try Dataset.read(data)
    let files = try NetworkWeights.open(
      trajectories, selection: selection.selection, model: model.model, for: dataset)
    var mean = PredictiveMean(dataset, files[0].network, noiseStd: noiseStd ?? 0)
    for file in files {
      if noiseStd != nil && (dataset.isClassification || file.network.predictsVariance) {
        throw NetworkError(
          dataset.isClassification
            ? "--noise-std belongs to real targets, but \(dataset.name) has classes"
            : "\(file.reader.name): its network predicts a variance; leave --noise-std out")
      }
      guard file.network.outputCount == files[0].network.outputCount else {
        throw NetworkError(
          "\(file.reader.name): \(file.network.outputCount) outputs, but \(files[0].reader.name)"
            + " has \(files[0].network.outputCount)")
      }
      guard mcDropout == nil || file.network.hasDropout else {
        throw NetworkError(
          "\(file.reader.name): the network has no dropout to sample; train it with nn-train "
            + "--dropout")
      }
    }
    for input in [dataset.name] + files.map(\.reader.name)
    where output.target.isSameFile(as: input) {
      throw FileError(
        .cannotCreate, file: input, "is an input, and would be replaced; choose another -o")
    }
    let draws = mcDropout ?? 1
    let snapshots = draws * files.reduce(0) { $0 + $1.reader.snapshotCount }
    let writer = try PredictionsWriter(
      to: output.target,
      kind: dataset.isClassification
        ? .classification(classes: mean.width) : .regression(outputs: mean.width),
      count: dataset.count, snapshots: snapshots, members: members ? snapshots : nil,
      classNames: dataset.classNames.count == mean.width ? dataset.classNames : [],
      history: output.history(of: files.map(\.reader.history) + [dataset.history]))

    let progress = ProgressBar(
      "predicting", total: dataset.count * snapshots, unit: "examples", quiet: quiet.quiet)
    var done = 0
    var pass: UInt64 = 0
    for file in files {
      let predictor = try Predictor(
        file.network, batchSize: min(batch.batchSize, dataset.count),
        dropoutSeed: mcDropout == nil ? nil : seed.seed)
      // No two batches of any member drop the same units.
      predictor.dropoutPass = pass
      defer { pass = predictor.dropoutPass }
      for i in 0..<file.reader.snapshotCount {
        try predictor.load { try file.read(i, weights: &$0, buffers: &$1) }
        let report = { (count: Int) in
          done += count
          progress.update(done)
        }
        for _ in 0..<draws {
          let member = mean.memberCount
          if members {
            try mean.add(predictor, progress: report) { try writer.write($0, member: member) }
          } else {
            try mean.add(predictor, progress: report)
          }
        }
      }
    }
    progress.clear()
    try writer.write(mean)
    try writer.finish()
  }
}
