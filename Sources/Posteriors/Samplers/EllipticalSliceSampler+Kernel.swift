extension EllipticalSliceSampler: MarkovKernel {
  public init(at start: ChainStart, of posterior: any WhitenedPosterior, warmup: Int) {
    self.init(position: start.position, logLikelihood: start.logLikelihood)
  }

  public mutating func step(
    _ posterior: any WhitenedPosterior, seed: UInt64, chain: Int, iteration: Int
  ) throws {
    try step(seed: seed, chain: chain, iteration: iteration, posterior.logLikelihood)
  }

  /// All but the last point were refused.
  public var acceptance: Double { 1 / Double(max(evaluations, 1)) }
  public var diverged: Bool { false }

  public var state: [Double] {
    get { position + [logLikelihood] }
    set {
      self = EllipticalSliceSampler(
        position: Array(newValue.dropLast()), logLikelihood: newValue[newValue.count - 1])
    }
  }
}
