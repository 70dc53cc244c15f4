import NeuralNetworks
import Posteriors
import ToolSupport
import TrajectoryFiles

/// A distribution fitted to the posterior by stochastic gradients, and samples from it.
struct FittedRun {
  private let tool: SubspaceSample
  private let posterior: SubspacePosterior
  private let writer: SampleWriter

  /// The standard deviation that a fit starts with, in units of the prior's.
  private static let initialScale = 0.1

  init(_ tool: SubspaceSample, _ posterior: SubspacePosterior, _ writer: SampleWriter) {
    self.tool = tool
    self.posterior = posterior
    self.writer = writer
  }

  func execute() throws {
    if tool.sampling.method == .flow { try fitFlow() } else { try fitGaussian() }
  }

  private func fitFlow() throws {
    guard posterior.dimension >= 2 else {
      throw usageError("--method flow needs a subspace of two dimensions at least")
    }
    var q = CouplingFlow(
      dimension: posterior.dimension, scale: Self.initialScale, seed: tool.seed.seed)
    try optimise(rate: 0.005) { step, rate in
      try q.update(seed: tool.seed.seed, step: step, learningRate: rate) {
        try finite(posterior.stochasticGradient($0, step: step), step)
      }
    }
    let file = try writer.create(grows: false)
    try sample(into: file) { q.sample(seed: tool.seed.seed, index: $0) }
    try writer.finish(file, remarks: [])
  }

  private func fitGaussian() throws {
    var q = GaussianVariational(
      tool.fit.covariance ?? .meanField, dimension: posterior.dimension, scale: Self.initialScale)
    try optimise(rate: 0.05) { step, rate in
      try q.update(seed: tool.seed.seed, step: step, learningRate: rate) {
        try finite(posterior.stochasticGradient($0, step: step), step)
      }
    }
    let file = try writer.create(grows: false)
    try sample(into: file) { q.sample(seed: tool.seed.seed, index: $0) }
    let scale = posterior.scale
    try file.setDiagnostic("mean", posterior.coordinates(q.mean), shape: [scale.count])
    let covariance = scale.indices.flatMap { i in
      scale.indices.map { j in scale[i] * scale[j] * q.covariance(i, j) }
    }
    try file.setDiagnostic("covariance", covariance, shape: [scale.count, scale.count])
    try writer.finish(file, remarks: [])
  }

  /// Takes all steps; the rate falls to zero as a cosine.
  private func optimise(rate: Double, _ step: (Int, Double) throws -> Void) throws {
    let start = tool.fit.learningRate ?? rate
    let steps = (tool.fit.epochs ?? 100) * posterior.likelihood.batchCount
    let progress = ProgressBar("fitting", total: steps, unit: "steps", quiet: tool.quiet.quiet)
    for k in 0..<steps {
      try step(k, cosineDecay(start, Double(k) / Double(steps)))
      progress.update(k + 1)
    }
    progress.clear()
  }

  /// Draws the samples and evaluates them; one pass over the data each.
  private func sample(
    into file: GrowingAffineTrajectory, _ draw: (Int) -> [Double]
  ) throws {
    let progress = ProgressBar(
      "sampling", total: tool.sampling.samples, unit: "samples", quiet: tool.quiet.quiet)
    for k in 0..<tool.sampling.samples {
      let u = draw(k)
      try writer.append(u, draw: k, to: file)
      progress.update(k + 1)
    }
    progress.clear()
  }

  private func finite(_ gradient: [Double], _ step: Int) throws -> [Double] {
    guard gradient.allSatisfy(\.isFinite) else {
      throw NetworkError(
        "the fit diverged in epoch \(step / posterior.likelihood.batchCount + 1): the gradient is"
          + " not finite; lower --learning-rate or --prior-std")
    }
    return gradient
  }
}
