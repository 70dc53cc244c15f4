import ArgumentParser
import Datasets
import Files
import HDF5
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
    let dataset = try Dataset.read(data)
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
    try network.checkMemory(vectors: try reader.rows(of: .components) + 4, for: "sampling")
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
