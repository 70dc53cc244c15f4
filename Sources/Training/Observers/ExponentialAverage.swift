import Objectives
import WeightSpace

/// An exponential moving average of the weights after each update:
///
///     a ← d_t a + (1 − d_t) w        t = 0, 1, … counts updates; a is the weights at t = 0
///     d_t = d, or min(d, 1 − 1/(t + 1)), or min(d, (1 + t)/(10 + t))
///
/// The first warm-up makes it the plain mean until that is as long as the average's memory (Tarvainen
/// and Valpola, "Mean teachers are better role models", NeurIPS 2017, published code); the second
/// is that of De, Berrada, Hayes, Smith and Balle, "Unlocking high-accuracy differentially private
/// image classification through scale", 2022. Memory: P floats. Cost: one pass a step.
public final class ExponentialAverage: OnlineAverage {
  public enum Warmup: String, Sendable, CaseIterable { case none, mt, dp }

  /// d.
  public let decay: Double
  public let warmup: Warmup
  /// The first epoch, from 1, whose updates count.
  public let firstEpoch: Int
  public let average: StateVector
  public private(set) var count = 0

  public init(count: Int, decay: Double, warmup: Warmup = .none, firstEpoch: Int = 1) {
    self.decay = decay
    self.warmup = warmup
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
    if count == 0 {
      average.values.copy(from: weights)
    } else {
      average.values.interpolate(to: weights, fraction: Float(1 - decay(at: count)))
    }
    count += 1
  }

  /// d_t.
  public func decay(at t: Int) -> Double {
    switch warmup {
    case .none: decay
    case .mt: min(decay, 1 - 1 / Double(t + 1))
    case .dp: min(decay, Double(1 + t) / Double(10 + t))
    }
  }

  public static let method = Method<AverageRecipe>(
    "ema", "an exponential moving average over all updates", source: "Tarvainen and Valpola 2017",
    keys: [
      .number("decay", 0.999, in: 0...1, open: true, "what stays of the average at an update"),
      .word("warmup", "mt", of: Warmup.allCases.map(\.rawValue), "how it starts"),
      .integer("from", 1, in: 1...1_000_000, "the first epoch whose updates count"),
    ], mainKey: "decay"
  ) { keys in
    AverageRecipe(isPassive: true) { request in
      try request.require("ema", first: keys.integer("from"))
      return ExponentialAverage(
        count: request.count, decay: keys.number("decay"),
        warmup: Warmup(rawValue: keys.word("warmup"))!, firstEpoch: keys.integer("from"))
    }
  }
}
