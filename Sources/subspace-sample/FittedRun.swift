import NeuralNetworks
import Objectives
import Optimizers
import Posteriors
import ToolSupport
import TrajectoryFiles
import WeightSpace

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
    let flow = RealNVP(dimension: posterior.dimension)
    let q = try fit(
      flow, from: flow.parameters(scale: Self.initialScale, seed: tool.seed.seed), rate: 0.005)
    let file = try writer.create(grows: false)
    try sample(into: file) { flow.sample(q, seed: tool.seed.seed, index: $0) }
    try writer.finish(file, remarks: [])
  }

  private func fitGaussian() throws {
    let gaussian = GaussianVariational(
      tool.fit.covariance ?? .meanField, dimension: posterior.dimension)
    let q = try fit(gaussian, from: gaussian.parameters(scale: Self.initialScale), rate: 0.05)
    let file = try writer.create(grows: false)
    try sample(into: file) { gaussian.sample(q, seed: tool.seed.seed, index: $0) }
    let scale = posterior.scale
    try file.setDiagnostic("mean", posterior.coordinates(gaussian.mean(q)), shape: [scale.count])
    let covariance = scale.indices.flatMap { i in
      scale.indices.map { j in scale[i] * scale[j] * gaussian.covariance(i, j, q) }
    }
    try file.setDiagnostic("covariance", covariance, shape: [scale.count, scale.count])
    try writer.finish(file, remarks: [])
  }

  /// The parameters of a family's member after all steps of Adam; the rate falls to zero as a cosine.
  private func fit<Family: VariationalFamily>(
    _ family: Family, from start: [Double], rate: Double
  ) throws -> [Double] {
    let epochs = tool.fit.epochs ?? 100
    let perEpoch = posterior.likelihood.batchCount
    let schedule = try LearningRateSchedule(
      .cosine(period: epochs), initialRate: tool.fit.learningRate ?? rate, epochs: epochs)
    var bound = EvidenceBound(family) { u, index in
      try finite(posterior.stochasticValueAndGradient(at: u, step: index), index)
    }
    let optimizer = try AdamW(count: family.parameterCount, weightDecay: 0)
    var parameters = WeightVector(start.map { Float($0) })
    var gradient = WeightVector(count: parameters.count)
    let steps = epochs * perEpoch
    let progress = ProgressBar("fitting", total: steps, unit: "steps", quiet: tool.quiet.quiet)
    for k in 0..<steps {
      let (epoch, inside) = (k / perEpoch, k % perEpoch)
      let step = Step(
        seed: tool.seed.seed, index: k, epoch: epoch,
        fraction: Double(inside) / Double(perEpoch),
        learningRate: schedule.learningRate(
          epoch: epoch, step: inside, stepsPerEpoch: perEpoch))
      _ = try bound.valueAndGradient(at: parameters, (), step, gradient: &gradient)
      optimizer.update(&parameters, gradient: gradient, step)
      progress.update(k + 1)
    }
    progress.clear()
    return EvidenceBound<Family>.numbers(parameters)
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

  private func finite(
    _ found: (value: Double, gradient: [Double]), _ step: Int
  ) throws -> (value: Double, gradient: [Double]) {
    guard found.gradient.allSatisfy(\.isFinite) else {
      throw NetworkError(
        "the fit diverged in epoch \(step / posterior.likelihood.batchCount + 1): the gradient is"
          + " not finite; lower --learning-rate or --prior-std")
    }
    return found
  }
}
