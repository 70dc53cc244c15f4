extension NoUTurnSampler: MarkovKernel {
  public init(at start: ChainStart, of posterior: any WhitenedPosterior, warmup: Int) throws {
    self.init(
      position: start.position, start: try posterior.valueAndGradient(at: start.position),
      warmup: warmup)
  }

  public mutating func step(
    _ posterior: any WhitenedPosterior, seed: UInt64, chain: Int, iteration: Int
  ) throws {
    try step(seed: seed, chain: chain, iteration: iteration, posterior.valueAndGradient)
  }

  public var logLikelihood: Double { logDensity + 0.5 * squaredNorm(position) }
}
