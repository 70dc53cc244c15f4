import NeuralNetworks
import Posteriors

/// One Markov chain of either kind on a posterior.
enum MarkovChain {
  case slices(EllipticalSliceSampler)
  case trajectories(NoUTurnSampler)

  /// Starts a chain: the first at the shift, u = 0, the others at draws from the prior, halved until
  /// the network's outputs are numbers there.
  ///
  /// - Throws: `NetworkError` where they nowhere are.
  init(
    _ method: SubspaceSample.Method, _ posterior: SubspacePosterior, chain: Int, seed: UInt64,
    warmup: Int
  ) throws {
    var u = [Double](repeating: 0, count: posterior.dimension)
    if chain > 0 { u = priorDraw(dimension: u.count, seed: seed, chain: chain) }
    var value = try posterior.temperedLogLikelihood(u)
    for _ in 0..<40 where !value.isFinite {
      u = u.map { $0 / 2 }
      value = try posterior.temperedLogLikelihood(u)
    }
    guard value.isFinite else {
      throw NetworkError(
        "the log-likelihood at the start of chain \(chain) is \(value): the network's outputs are"
          + " no finite numbers there; check the data and the subspace's shift")
    }
    switch method {
    case .nuts:
      self = .trajectories(
        NoUTurnSampler(position: u, start: try posterior.logDensity(u), warmup: warmup))
    default: self = .slices(EllipticalSliceSampler(position: u, logLikelihood: value))
    }
  }

  mutating func step(
    _ posterior: SubspacePosterior, seed: UInt64, chain: Int, iteration: Int
  ) throws {
    switch self {
    case .slices(var sampler):
      try sampler.step(
        seed: seed, chain: chain, iteration: iteration, posterior.temperedLogLikelihood)
      self = .slices(sampler)
    case .trajectories(var sampler):
      try sampler.step(seed: seed, chain: chain, iteration: iteration, posterior.logDensity)
      self = .trajectories(sampler)
    }
  }

  /// u
  var position: [Double] {
    switch self {
    case .slices(let sampler): sampler.position
    case .trajectories(let sampler): sampler.position
    }
  }

  /// ℓ(u), not tempered.
  func logLikelihood(_ posterior: SubspacePosterior) -> Double {
    switch self {
    case .slices(let sampler): sampler.logLikelihood * posterior.temperature
    case .trajectories(let sampler):
      (sampler.logDensity + 0.5 * squaredNorm(sampler.position)) * posterior.temperature
    }
  }

  /// The share of the last transition's points that were accepted.
  var acceptance: Double {
    switch self {
    case .slices(let sampler): 1 / Double(max(sampler.evaluations, 1))
    case .trajectories(let sampler): sampler.acceptance
    }
  }

  /// Passes over the data in the last transition.
  var evaluations: Int {
    switch self {
    case .slices(let sampler): sampler.evaluations
    case .trajectories(let sampler): sampler.evaluations
    }
  }

  var diverged: Bool {
    if case .trajectories(let sampler) = self { sampler.diverged } else { false }
  }

  /// How many numbers `state` has.
  static func stateCount(_ method: SubspaceSample.Method, dimension: Int) -> Int {
    method == .nuts ? NoUTurnSampler.stateCount(dimension: dimension) : dimension + 1
  }

  /// All that the chain needs to go on.
  var state: [Double] {
    get {
      switch self {
      case .slices(let sampler): sampler.position + [sampler.logLikelihood]
      case .trajectories(let sampler): sampler.state
      }
    }
    set {
      switch self {
      case .slices:
        self = .slices(
          EllipticalSliceSampler(
            position: Array(newValue.dropLast()), logLikelihood: newValue[newValue.count - 1]))
      case .trajectories(var sampler):
        sampler.state = newValue
        self = .trajectories(sampler)
      }
    }
  }
}
