import Datasets
import Files
import Glibc
import NetworkSupport
import NeuralNetworks
import Posteriors
import ToolSupport
import TrajectoryFiles

/// The output of a sampler: its file, which run it belongs to, and what the samples came to.
struct SampleWriter {
  static let columns = ["chain", "draw", "log_posterior", "log_likelihood", "acceptance"]
  let tool: SubspaceSample
  let posterior: SubspacePosterior
  private let reader: TensorFileReader
  private let dataset: Dataset
  private let network: Network

  init(
    _ tool: SubspaceSample, _ reader: TensorFileReader, _ dataset: Dataset, _ network: Network,
    _ posterior: SubspacePosterior
  ) {
    self.tool = tool
    self.reader = reader
    self.dataset = dataset
    self.network = network
    self.posterior = posterior
  }

  /// Creates the file.
  func create(
    _ parts: GrowingAffineTrajectory.Parts = .init(columns: Self.columns), grows: Bool
  ) throws -> GrowingAffineTrajectory {
    try GrowingAffineTrajectory.create(
      tool.output.target, parts, copying: reader, architecture: network.architecture.json(),
      history: tool.output.history(of: [reader.history, dataset.history]),
      expected: tool.sampling.samples * tool.sampling.chains, grows: grows,
      settings: settings.text)
  }

  /// Opens the file of an interrupted run; nil where there is none or it had saved nothing.
  func resume(
    _ part: PartFile, _ parts: GrowingAffineTrajectory.Parts
  ) throws -> GrowingAffineTrajectory? {
    try GrowingAffineTrajectory.resume(
      part, parts, in: reader, command: tool.output.history(of: [])?.first,
      check: settings.requireSame)
  }

  /// What decides the chains, as text. The number of samples is not part of it, so that chains can be
  /// made longer.
  var settings: RunSettings {
    let (sampling, prior) = (tool.sampling, tool.prior)
    return RunSettings([
      RunSetting("--method", sampling.method.rawValue),
      RunSetting("--burn-in", "\(sampling.transitionsBefore)"),
      RunSetting("--chains", "\(sampling.chains)"),
      RunSetting("--temperature", "\(sampling.temperature)"),
      RunSetting("the prior's scale", "\(posterior.scale)"),
      RunSetting("--noise-std", "\(prior.noiseStd ?? 0)"),
      RunSetting("--seed", "\(tool.seed.seed)"),
      RunSetting("--batch-size", "\(tool.batch.batchSize)"),
      RunSetting("--model", network.architecture.json()),
      RunSetting("the data's digest", dataset.digest),
      RunSetting("the subspace's digest", posterior.digest),
    ])
  }

  /// Saves a point that belongs to no Markov chain.
  func append(_ u: [Double], draw: Int, to file: GrowingAffineTrajectory) throws {
    try append(
      u, chain: 0, draw: draw, logLikelihood: posterior.untemperedLogLikelihood(at: u),
      acceptance: 1, to: file)
  }

  /// Saves a point.
  ///
  /// - Throws: `FileError` of kind `wrongData` where a coordinate is beyond float32 or the network's
  ///   likelihood is no number.
  func append(
    _ u: [Double], chain: Int, draw: Int, logLikelihood: Double, acceptance: Double,
    to file: GrowingAffineTrajectory
  ) throws {
    let coordinates = posterior.coordinates(u)
    if let j = coordinates.firstIndex(where: { !Float($0).isFinite }) {
      throw FileError(
        .wrongData, file: reader.name, object: "point \(draw)",
        "coordinate \(j) is \(coordinates[j]), beyond the range of float32; a smaller --prior-std or"
          + " --extent stays within it")
    }
    let logPosterior = posterior.logPosterior(u, logLikelihood: logLikelihood)
    guard logPosterior.isFinite, logLikelihood.isFinite else {
      throw FileError(
        .wrongData, file: reader.name, object: "point \(draw)",
        "its log-likelihood is \(logLikelihood): the network's outputs overflow so far from the shift; a"
          + " smaller --prior-std or --extent stays nearer")
    }
    try file.append(
      coordinates,
      columns: [Double(chain), Double(draw), logPosterior, logLikelihood, acceptance])
  }

  /// Puts the diagnostics of all samples into the file, and on standard error.
  func finish(_ file: GrowingAffineTrajectory, remarks: [String]) throws {
    let rank = posterior.dimension
    let chains = tool.sampling.chains
    let all = try file.allCoordinates()
    // A round of chains is one sample of each.
    func values(_ numbers: [Double], stride: Int, at j: Int) -> [[Double]] {
      (0..<chains).map { chain in
        Swift.stride(from: chain, to: numbers.count / stride, by: chains).map {
          numbers[$0 * stride + j]
        }
      }
    }
    var traces = (0..<rank).map { ("axis \($0)", values(all, stride: rank, at: $0)) }
    traces.append(("log_posterior", values(try file.numbers(ofColumn: 2), stride: 1, at: 0)))
    let isChain = tool.sampling.method.isChain
    var report = Report(
      columns: ["number", "prior_std", "mean", "std"]
        + (isChain ? ["effective_sample_size", "r_hat"] : []), json: false, toStandardError: true)
    let summaries = traces.map { TraceSummary($0.1) }
    let sizes = summaries.map(\.effectiveSampleSize)
    let rHats = summaries.map(\.splitRHat)
    for (j, summary) in summaries.enumerated() where !tool.quiet.quiet {
      try report.add(
        [
          .text(traces[j].0), j < rank ? .number(posterior.scale[j]) : .missing,
          .number(summary.mean), .number(summary.standardDeviation),
        ] + (isChain ? [.number(sizes[j]), .number(rHats[j])] : []))
    }
    if !tool.quiet.quiet {
      var remarks = remarks
      let worst = rHats.filter { !$0.isNaN }.max() ?? 1
      if isChain && worst > 1.05 {
        remarks.append(
          "R-hat reaches \(worst.significant(3)): the chains have not mixed; --resume with more"
            + " --samples goes on")
      }
      for remark in remarks { StandardError.write("subspace-sample: \(remark)\n") }
    }
    if isChain {
      try file.setDiagnostic("effective_sample_size", sizes, shape: [rank + 1])
      try file.setDiagnostic("r_hat", rHats, shape: [rank + 1])
      let acceptance = values(try file.numbers(ofColumn: 4), stride: 1, at: 0)
      try file.setDiagnostic(
        "acceptance", acceptance.map { $0.reduce(0, +) / Double($0.count) }, shape: [chains])
    }
    try file.finish()
  }
}
