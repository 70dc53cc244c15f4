import ArgumentParser
import Datasets
import Files
import HDF5
import NetworkSupport
import NeuralNetworks
import Prediction
import ToolSupport
import Training
import TrajectoryFiles
import WeightSpace

/// Trains a network and writes its trajectory.
@main struct NnTrain: Tool {
  static let configuration = CommandConfiguration(
    commandName: "nn-train",
    abstract: "Train a network and write its trajectory through weight space.",
    discussion: """
      One table row per epoch: epoch, learning rate, training loss and accuracy, validation loss \
      and accuracy, seconds. The output grows by whole snapshots; --resume goes on from the last \
      epoch that was saved, to the same bits as an uninterrupted run.
      """,
    version: networkVersionText(of: "nn-train"))

  @Argument(help: ArgumentHelp("The training data.", valueName: "data")) var data: String?
  @OptionGroup var model: ModelOptions
  @Option(help: ArgumentHelp("Data to validate on after each epoch.", valueName: "data"))
  var validation: String?
  @OptionGroup var training: TrainingOptions
  @Option(help: "cross-entropy, squared-error or gaussian (default: what suits the targets).")
  var loss: Loss?
  @Option(help: "Probability of the network's dropout layers.") var dropout: Double?
  @OptionGroup var augmentation: AugmentationOptions
  @Option(
    name: .customLong("init"),
    help: ArgumentHelp("Start from the last snapshot of this file.", valueName: "file"))
  var initial: String?
  @Flag(help: "Go on with the run in the output file; start it if there is none.")
  var resume = false
  @OptionGroup var snapshots: SnapshotOptions
  @OptionGroup var averages: AverageOptions
  @Flag(help: "Print every method of --optimizer, --transform, --objective and --average and stop.")
  var listMethods = false
  @Flag(help: "Print the network as JSON and stop.") var printArchitecture = false
  @Flag(help: "Print JSON instead of a table.") var json = false
  @OptionGroup var seed: SeedOptions
  @OptionGroup var planning: PlanOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    if listMethods { return }
    if data == nil { throw ValidationError("Missing expected argument '<data>'") }
    if model.model == nil && initial == nil {
      throw ValidationError("name a network with --model, such as --model lenet5")
    }
    if resume && output.overwrite {
      throw ValidationError("--resume and --overwrite exclude each other")
    }
    if resume && output.target.path == nil { throw ValidationError("--resume needs -o FILE") }
    if let dropout, !(0..<1).contains(dropout) {
      throw ValidationError("--dropout must be at least 0 and below 1")
    }
    _ = try snapshots.rule(training)
    try averages.check(training)
  }

  func execute() throws {
    if listMethods { return try StandardOutput.write(methodListing()) }
    threads.applyToNetworks()
    let dataset = try Dataset.read(data!, withInputs: !planning.plan)
    let loss = loss ?? dataset.defaultLoss
    let start = try startingPoint(dataset, loss)
    let network = start.network
    if let dropout, dropout > 0, !network.hasDropout {
      throw usageError("--dropout: \(network.architecture.name) has no dropout layers")
    }
    if printArchitecture { return try StandardOutput.write(try network.describe() + "\n") }
    try dataset.check(fits: network, loss: loss)
    let validationData = try validation.map { path in
      let data = try Dataset.read(path, withInputs: !planning.plan)
      try data.check(fits: network, loss: loss)
      return data
    }
    try output.checkGrowing(inputs: [data, validation, initial, model.model], resumes: resume)
    if planning.plan {
      return try planning.print(
        planned(network, dataset, validation: validationData, initial: start.initial), json: json)
    }
    if !quiet.quiet {
      for words in dataset.trainingRemarks { StandardError.write("nn-train: \(words)\n") }
    }
    let run = try TrainingRun(
      tool: self, dataset: dataset, validation: validationData, network: network, loss: loss)
    try run.execute(from: start.initial)
  }

  /// The network, and the weights to start from where `--init` gives some.
  private func startingPoint(_ dataset: Dataset, _ loss: Loss) throws -> (
    network: Network, initial: NetworkWeights?
  ) {
    let source = ModelSource(model: model.model, dropout: dropout)
    guard let initial else {
      let outputs = dataset.outputCount * (loss == .gaussian ? 2 : 1)
      let network = try source.network(
        input: dataset.inputShape, outputs: outputs, predictingVariance: loss == .gaussian)
      return (network, nil)
    }
    let weights = try NetworkWeights(
      TrajectoryReader(initial), source, input: dataset.inputShape)
    return (weights.network, weights)
  }
}

extension Loss: ExpressibleByArgument {}
