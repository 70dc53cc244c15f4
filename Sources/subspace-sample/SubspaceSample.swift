import ArgumentParser
import Datasets
import Files
import HDF5
import Machine
import NetworkSupport
import NeuralNetworks
import Posteriors
import Prediction
import ToolSupport
import TrajectoryFiles

/// Samples a network's posterior within a subspace of weight space.
@main struct SubspaceSample: Tool {
  enum Method: String, ExpressibleByArgument, CaseIterable { case ess, vi, nuts, flow, grid }

  static let configuration = CommandConfiguration(
    commandName: "subspace-sample",
    abstract: "Sample the posterior of a network's weights within a subspace.",
    discussion: """
      Elliptical slice sampling, Gaussian variational inference, the no-U-turn sampler, or a \
      normalising flow, for the likelihood of all training data, tempered, and a Gaussian prior in \
      the subspace; or the posterior on a grid. The result is an affine trajectory; that of a Markov chain grows by whole \
      samples, and --resume goes on from the last one that was saved. Diagnostics go to standard \
      error and into the file.
      """,
    version: networkVersionText(of: "subspace-sample"))

  @Argument(
    help: ArgumentHelp("Subspace; - or none is standard input.", valueName: "subspace"))
  var subspace = "-"
  @Option(help: ArgumentHelp("The training data.", valueName: "data")) var data: String
  @OptionGroup var sampling: SamplingOptions
  @OptionGroup var prior: PriorOptions
  @OptionGroup var fit: FitOptions
  @Flag(help: "Go on with the chains in the output file; start them if there are none.")
  var resume = false
  @OptionGroup var model: ModelOptions
  @OptionGroup var batch: BatchSizeOptions
  @OptionGroup var seed: SeedOptions
  @OptionGroup var planning: PlanOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    if resume && output.target.path == nil { throw ValidationError("--resume needs -o FILE") }
    if resume && output.overwrite {
      throw ValidationError("--resume and --overwrite exclude each other")
    }
    try fit.check(sampling.method)
    if !sampling.method.isChain {
      if resume { throw ValidationError("--resume belongs to --method ess or nuts") }
      if sampling.chains != 1 || sampling.burnIn != nil {
        throw ValidationError("--chains and --burn-in belong to --method ess or nuts")
      }
    }
  }

  func execute() throws {
    threads.applyToNetworks()
    let dataset = try Dataset.read(data, withInputs: !planning.plan)
    let inputs = [data, subspace, model.model]
    if sampling.method.isChain {
      try output.checkGrowing(inputs: inputs, resumes: resume)
    } else {
      try output.check(inputs: inputs)
    }
    let reader = try TensorFileReader(
      subspace, kind: .subspace, groups: [(.shift, false), (.components, true)])
    let network = try ModelSource(model: model.model).network(
      stored: reader.architecture, input: dataset.inputShape, weights: reader.layout,
      file: reader.name)
    try reader.arrange(like: network.parameterLayout, named: network.architecture.name)
    let loss = dataset.loss(for: network)
    try dataset.check(fits: network, loss: loss)
    if planning.plan { return try planning.print(planned(reader, network, dataset)) }
    try network.checkMemory(
      vectors: vectorCount(rank: reader.rows(of: .components)), for: "sampling")
    let scale = try prior.scale(of: reader)
    let posterior = SubspacePosterior(
      try reader.affineSubspace(dimension: scale.count), scale: scale,
      temperature: sampling.temperature,
      likelihood: try DatasetLikelihood(
        network, dataset, loss: loss, noiseStd: prior.noiseStd, batchSize: batch.batchSize,
        seed: seed.seed))
    let sampler = SampleWriter(self, reader, dataset, network, posterior)
    if sampling.method.isChain {
      var run = try ChainRun(self, posterior, sampler)
      try run.execute()
    } else if sampling.method == .grid {
      try GridRun(self, posterior, sampler).execute()
    } else {
      try FittedRun(self, posterior, sampler).execute()
    }
  }
}

extension SubspaceSample.Method {
  /// Whether a Markov chain is run, which grows and can be resumed.
  var isChain: Bool { self == .ess || self == .nuts }
}

extension SubspaceSample {
  /// Shift and directions, the point, and what a gradient takes.
  fileprivate func vectorCount(rank: Int) -> Int {
    rank + (sampling.method == .ess || sampling.method == .grid ? 3 : 4)
  }

  /// What this run would take. How many passes over the data a transition takes is a guess.
  fileprivate func planned(
    _ reader: TensorFileReader, _ network: Network, _ dataset: Dataset
  ) throws -> RunPlan {
    let (rank, samples) = (try reader.rows(of: .components), Double(sampling.samples))
    let transitions =
      Double(sampling.samples + sampling.transitionsBefore) * Double(sampling.chains)
    let epochs = Double(fit.epochs ?? 100)
    let (values, gradients): (Double, Double) =
      switch sampling.method {
      case .ess: (4 * transitions, 0)
      case .nuts: (Double(sampling.chains), 8 * transitions)
      case .vi, .flow: (samples, epochs)
      case .grid: (samples * samples, 0)
      }
    let plain = try Network(network.architecture.withoutDropout)
    var plan = RunPlan("sampling")
    plan.hold(dataset, batchSize: batch.batchSize, shuffled: gradients > 0)
    try plan.run(
      plain, .statistics, over: dataset.count, batchSize: batch.batchSize, passes: values)
    if gradients > 0 {
      try plan.run(
        plain, .training, over: dataset.count, batchSize: batch.batchSize, passes: gradients)
    }
    plan.memory.add(network.vectorNeed(vectors: vectorCount(rank: rank), for: "sampling"))
    plan.read(4 * Double(network.parameterCount) * Double(rank + 1))
    let rows =
      sampling.method == .grid
      ? sampling.samples * sampling.samples : sampling.samples * sampling.chains
    plan.memory.add(8 * Double(rows) * Double(rank + 8), "coordinates")
    plan.write(
      GrowingAffineTrajectory.size(
        of: reader, rank: rank, samples: rows, columns: SampleWriter.columns.count,
        state: sampling.method.isChain ? (rank + 4) * sampling.chains : nil,
        architecture: try network.architecture.json(),
        history: output.history(of: [reader.history, dataset.history])))
    return plan
  }
}

extension DatasetLikelihood: WeightLikelihood {}

extension TensorFileReader {
  /// Reads shift and directions of a subspace.
  ///
  /// - Throws: `FileError`: `wrongData` for a NaN or an infinity, and what reading throws.
  fileprivate func affineSubspace(dimension: Int) throws -> AffineSubspace {
    let count = layout.count
    var subspace = AffineSubspace(parameterCount: count, dimension: dimension)
    try read(.shift, into: &subspace.shift)
    for j in 0..<dimension {
      try subspace.setDirection(j) {
        try readColumns(0..<count, of: .components, row: j, into: &$0)
      }
      if let error = try firstNonFinite(in: 0..<count, of: .components, row: j) { throw error }
    }
    return subspace
  }
}
