import ArgumentParser
import Datasets
import Files
import HDF5
import Machine
import NetworkSupport
import Posteriors
import ToolSupport
import TrajectoryFiles

/// Trains a curve of low loss between two networks.
@main struct CurveFit: Tool {
  static let configuration = CommandConfiguration(
    commandName: "curve-fit",
    abstract: "Train a curve of low loss between two weights of a network.",
    discussion: """
      The ends stay as they are; the bends between them start on the straight line and are trained \
      so that the loss at a random point of the curve becomes small. One table row per epoch. \
      curve-sample takes points from the result. With --resume an interrupted run goes on from \
      its last epoch, to the same bits.
      """,
    version: networkVersionText(of: "curve-fit"))

  @Argument(
    help: ArgumentHelp("Where the curve starts: the last snapshot of this file.", valueName: "a"))
  var start: String
  @Argument(
    help: ArgumentHelp("Where it ends: the last snapshot of this file.", valueName: "b"))
  var end: String
  @Option(help: ArgumentHelp("The training data.", valueName: "data")) var data: String
  @Option(help: "bezier or polychain.") var curve: WeightCurve.Shape = .bezier
  @Option(help: ArgumentHelp("Control points between the ends.", valueName: "n")) var bends = 1
  @OptionGroup var model: ModelOptions
  @Option(
    help: ArgumentHelp(
      "Data to evaluate the curve's middle on after each epoch.", valueName: "data"))
  var validation: String?
  @OptionGroup var training: TrainingOptions
  @OptionGroup var augmentation: AugmentationOptions
  @Flag(help: "Save each epoch, and go on from the last; start where the file is not there.")
  var resume = false
  @Flag(help: "Print JSON instead of a table.") var json = false
  @OptionGroup var seed: SeedOptions
  @OptionGroup var planning: PlanOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    guard (1...1000).contains(bends) else {
      throw ValidationError(
        "--bends must be from 1 to 1000; curve-sample --line gives the straight line")
    }
    if start == "-" && end == "-" {
      throw ValidationError("only one end can come from standard input")
    }
    if resume && output.overwrite {
      throw ValidationError("--resume and --overwrite exclude each other")
    }
    if resume && output.target.path == nil { throw ValidationError("--resume needs -o FILE") }
  }

  func execute() throws {
    threads.applyToNetworks()
    let inputs = [start, end, data, validation, model.model]
    if resume {
      try output.checkGrowing(inputs: inputs, resumes: true)
    } else {
      try output.check(inputs: inputs)
    }
    let dataset = try Dataset.read(data, withInputs: !planning.plan)
    let ends = try CurveEnds(start, end, model: model.model, for: dataset)
    let loss = dataset.loss(for: ends.network)
    let validationData = try validation.map { path in
      let data = try Dataset.read(path, withInputs: !planning.plan)
      try data.check(fits: ends.network, loss: loss)
      return data
    }
    if planning.plan {
      return try planning.print(planned(ends, dataset, validationData), json: json)
    }
    try CurveRun(tool: self, dataset: dataset, validation: validationData, ends: ends, loss: loss)
      .execute()
  }
}

extension CurveFit {
  /// Both ends, a point and its gradient, one to read and write with, and of each bend what nn-train has
  /// of its weights.
  func vectorCount(examples: Int) throws -> Int {
    try 5 + bends * training.cost(examples: examples, seed: seed.seed, decays: false).vectors
  }

  /// What this run would take.
  func planned(
    _ ends: CurveEnds, _ dataset: Dataset, _ validation: Dataset?
  ) throws -> RunPlan {
    let network = ends.network
    let cost = try training.cost(examples: dataset.count, seed: seed.seed, decays: false)
    var plan = RunPlan("training")
    try plan.train(
      network, on: dataset, validation: validation, training, keepsStatistics: false)
    let vectors = try vectorCount(examples: dataset.count) + (validation == nil ? 0 : 1)
    plan.memory.add(network.vectorNeed(vectors: vectors, for: "training this curve"))
    plan.read(8 * Double(network.parameterCount))
    let state = resume ? Array(repeating: bends, count: cost.optimizerVectors) : []
    plan.write(
      TensorFileWriter.size(
        layout: network.parameterLayout, groups: [bends + 2] + state,
        architecture: try network.architecture.json(),
        history: output.history(of: ends.histories + [dataset.history])))
    return plan
  }
}

extension WeightCurve.Shape: ExpressibleByArgument {}
