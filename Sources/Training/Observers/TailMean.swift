import Objectives
import WeightSpace

/// The mean of the weights after each update from an epoch on: w̄ ← w̄ + (w − w̄)/(n + 1).
///
/// Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", SIAM J. Control
/// and Optimization 1992. Memory: P floats. Cost: one pass a step.
public final class TailMean: OnlineAverage {
  /// The first epoch, from 1, whose updates count.
  public let firstEpoch: Int
  public let average: StateVector
  public private(set) var count = 0

  public init(count: Int, firstEpoch: Int = 1) {
    self.firstEpoch = firstEpoch
    average = StateVector("average", count: count)
  }

  public var vectors: [StateVector] { [average] }
  public var numbers: [StateNumber] {
    get { [StateNumber("averaged", count)] }
    set { count = newValue.count("averaged") }
  }

  public func afterStep(_ moment: TrainingMoment, _ loop: any TrainingLoop) {
    if moment.step.epoch + 1 >= firstEpoch { add(loop.state.weights) }
  }

  /// Takes the next point.
  public func add(_ weights: borrowing WeightVector) {
    average.values.interpolate(to: weights, fraction: Float(1 / Double(count + 1)))
    count += 1
  }

  public static let method = Method<AverageRecipe>(
    "polyak", "the mean over all updates from an epoch on", source: "Polyak and Juditsky 1992",
    keys: [.integer("from", 1, in: 1...1_000_000, "the first epoch whose updates count")],
    mainKey: "from"
  ) { keys in
    AverageRecipe(isPassive: true) { request in
      try request.require("polyak", first: keys.integer("from"))
      return TailMean(count: request.count, firstEpoch: keys.integer("from"))
    }
  }
}

/// The mean of all iterates since the last snapshot: what a snapshot holds with `--snapshot-mean`
/// (constant-rate SGD's blocks; SWAD's segments).
///
/// Mandt, Hoffman and Blei, "Stochastic gradient descent as approximate Bayesian inference", JMLR
/// 2017, section 5. Memory: P floats. Cost: one pass a step.
public final class WindowMean: OnlineAverage {
  public let average: StateVector
  public private(set) var count = 0

  public init(count: Int) { average = StateVector("window_mean", count: count) }

  public var vectors: [StateVector] { [average] }
  public var numbers: [StateNumber] {
    get { [StateNumber("window_length", count)] }
    set { count = newValue.count("window_length") }
  }

  public func afterStep(_ moment: TrainingMoment, _ loop: any TrainingLoop) {
    average.values.interpolate(
      to: loop.state.weights, fraction: Float(1 / Double(count + 1)))
    count += 1
  }

  public func snapshotTaken() {
    average.values.fill(with: 0)
    count = 0
  }
}
