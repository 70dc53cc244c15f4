/// A Markov chain that leaves a posterior as it is: a position, a step, and all that it needs to go
/// on, as numbers.
public protocol MarkovKernel: Sendable {
  /// A chain that starts at a point.
  ///
  /// - Parameters:
  ///   - start: the point and ℓ there, finite.
  ///   - warmup: transitions that may adapt.
  init(at start: ChainStart, of posterior: any WhitenedPosterior, warmup: Int) throws

  /// One transition: a function of the chain's state and of (seed, chain, iteration).
  mutating func step(
    _ posterior: any WhitenedPosterior, seed: UInt64, chain: Int, iteration: Int) throws

  /// u
  var position: [Double] { get }
  /// ℓ at the position.
  var logLikelihood: Double { get }
  /// The share of the last transition's points that were accepted.
  var acceptance: Double { get }
  /// Evaluations of the posterior in the last transition.
  var evaluations: Int { get }
  /// Whether the last transition met an error beyond all bounds.
  var diverged: Bool { get }
  /// All that the chain needs to go on; as many numbers for every chain of a dimension.
  var state: [Double] { get set }
}

/// Where a chain starts.
public struct ChainStart: Sendable {
  /// The posterior is zero at every point that was tried.
  public struct Nowhere: Error {
    /// ℓ at the last of them.
    public let logLikelihood: Double
  }

  public let position: [Double]
  /// ℓ at the position.
  public let logLikelihood: Double

  public init(position: [Double], logLikelihood: Double) {
    self.position = position
    self.logLikelihood = logLikelihood
  }

  /// The start of a chain: the first at u = 0, the others at draws from the prior, halved until ℓ is a
  /// finite number there.
  ///
  /// - Throws: `Nowhere`, and what the posterior throws.
  public init(of posterior: any WhitenedPosterior, chain: Int, seed: UInt64) throws {
    var u = [Double](repeating: 0, count: posterior.dimension)
    if chain > 0 { u = priorDraw(dimension: u.count, seed: seed, chain: chain) }
    var value = try posterior.logLikelihood(at: u)
    for _ in 0..<40 where !value.isFinite {
      u = u.map { $0 / 2 }
      value = try posterior.logLikelihood(at: u)
    }
    guard value.isFinite else { throw Nowhere(logLikelihood: value) }
    self.init(position: u, logLikelihood: value)
  }
}
