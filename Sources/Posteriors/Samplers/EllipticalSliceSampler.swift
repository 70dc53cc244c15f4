import Glibc
import Randomness

/// A Markov chain that leaves N(u; 0, 1) · exp ℓ(u) as it is, for any function ℓ: elliptical slice
/// sampling (Murray, Adams, MacKay, "Elliptical slice sampling", 2010, figure 2).
///
/// There is nothing to tune, and every transition moves. The value of ℓ at the present point is kept
/// from the transition before, so that no evaluation is made twice.
public struct EllipticalSliceSampler: Sendable {
  /// u, in coordinates in which the prior is standard normal.
  public private(set) var position: [Double]
  /// ℓ at the position.
  public private(set) var logLikelihood: Double
  /// Evaluations of ℓ in the last transition; all but the last were refused.
  public private(set) var evaluations = 0

  /// A chain that starts at a point, or goes on from there.
  ///
  /// - Parameter logLikelihood: ℓ at the point; must not be −∞ or NaN.
  public init(position: [Double], logLikelihood: Double) {
    precondition(logLikelihood > -.infinity, "a chain starts where the likelihood is not zero")
    self.position = position
    self.logLikelihood = logLikelihood
  }

  /// One transition: a function of the position and of (seed, chain, iteration).
  ///
  /// Where ℓ is NaN the point counts as impossible. Cost: a few evaluations of ℓ, more the narrower
  /// the posterior is within the prior: about one for each halving of the width.
  public mutating func step(
    seed: UInt64, chain: Int, iteration: Int, _ l: ([Double]) throws -> Double
  ) rethrows {
    var stream = RandomStream(
      seed: seed, stream: SubspaceStream.transition(chain: chain, iteration))
    let other = position.map { _ in Double(stream.normal()) }
    let threshold = logLikelihood + log(stream.openUniform())
    var angle = 2 * Double.pi * stream.openUniform()
    var (low, high) = (angle - 2 * Double.pi, angle)
    var candidate = position
    evaluations = 0
    // The bracket shrinks to the present point, which is always accepted; it is met to the last bit
    // long before this many halvings.
    while evaluations < 500 {
      let (c, s) = (cos(angle), sin(angle))
      for i in candidate.indices { candidate[i] = position[i] * c + other[i] * s }
      let value = try l(candidate)
      evaluations += 1
      if value >= threshold {
        position = candidate
        logLikelihood = value
        return
      }
      if angle < 0 { low = angle } else { high = angle }
      angle = low + (high - low) * stream.openUniform()
    }
  }
}

extension RandomStream {
  /// Uniform on the open interval (0, 1), with 53 bits.
  mutating func openUniform() -> Double { (Double(next() >> 11) + 0.5) * 0x1p-53 }
}
