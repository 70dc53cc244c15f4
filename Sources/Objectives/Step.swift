/// Where in a run a step stands. Everything random in the step is a function of it, so that a run
/// goes on from any epoch with the variates that it would have drawn without a stop.
public struct Step: Sendable, Equatable {
  /// The run's seed.
  public var seed: UInt64
  /// Steps before this one, over all epochs.
  public var index: Int
  /// The epoch, from 0.
  public var epoch: Int
  /// The share of the epoch that was done before this step, 0 ≤ fraction < 1.
  public var fraction: Double
  /// The schedule's rate for this step.
  public var learningRate: Double
  /// N, the number of examples of the data set.
  public var examples: Int

  public init(
    seed: UInt64 = 0, index: Int = 0, epoch: Int = 0, fraction: Double = 0,
    learningRate: Double = 0, examples: Int = 1
  ) {
    self.seed = seed
    self.index = index
    self.epoch = epoch
    self.fraction = fraction
    self.learningRate = learningRate
    self.examples = examples
  }
}
