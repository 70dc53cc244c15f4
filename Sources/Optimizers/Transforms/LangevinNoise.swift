import Objectives
import Randomness
import WeightSpace

/// w ← w + √(2 η T/N) z, z standard normal: the noise that makes descent on the mean loss a sampler
/// of the posterior at temperature T.
///
/// T multiplies the noise's variance; T = 0 is descent without noise. z of element i in step t is a
/// function of (seed, t, i). Cost: P variates a step.
///
/// Welling and Teh, "Bayesian learning via stochastic gradient Langevin dynamics", ICML 2011,
/// equation 4, with ε = 2 η/N.
public final class LangevinNoise: Transform {
  /// T.
  public let temperature: Double
  /// The first epoch with noise, from 1.
  public let firstEpoch: Int
  private var deviation: Float = 0
  private var seed: UInt64 = 0
  private var stream = RandomPurpose.langevinNoise.stream()

  public init(temperature: Double = 1, firstEpoch: Int = 1) {
    self.temperature = temperature
    self.firstEpoch = firstEpoch
  }

  public func begin(
    _ weights: borrowing WeightVector, gradient: borrowing WeightVector, _ step: Step
  ) {
    let variance = 2 * step.learningRate * temperature / Double(step.examples)
    deviation = step.epoch + 1 >= firstEpoch ? Float(variance.squareRoot()) : 0
    seed = step.seed
    stream = RandomPurpose.langevinNoise.stream(step.index)
  }

  public func apply(
    to update: inout MutableSpan<Float>, _ weights: inout MutableSpan<Float>, _ state: StateRange
  ) {
    if deviation == 0 { return }
    var noise = [Float](repeating: 0, count: update.count)
    var z = noise.mutableSpan
    RandomStream.fillNormals(&z, seed: seed, stream: stream, from: state.range.lowerBound)
    update.add(scaled: -deviation, z.span)
  }
}
