#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The learning rate as a function of the position in training.
///
/// Epochs e count from 0 to E − 1, the steps of an epoch i from 0 to n − 1. A schedule is a pure
/// function of (e, i, n), so that training resumes anywhere without replaying it.
public struct LearningRateSchedule: Sendable, Equatable {
  /// The shape of the curve; rates are absolute, positions in epochs.
  public enum Shape: Sendable, Equatable {
    /// The same rate throughout.
    case constant

    /// lr·γᵏ in epoch e, where k of the milestones are ≤ e.
    case step(milestones: [Int], gamma: Double)

    /// Cosine annealing with warm restarts (SGDR), changing at every step: with x = e + i/n and
    /// T₀ = `period`, period k lasts Tₖ = T₀·multiplierᵏ epochs, and at y epochs into it
    ///
    ///     lr = minimum + ½ (lr₀ − minimum)(1 + cos(π y/Tₖ))
    ///
    /// Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017,
    /// equation 5. A period as long as training is plain cosine annealing.
    case cosine(period: Int, multiplier: Int = 1, minimum: Double = 0)

    /// The piecewise linear schedule of SWA and SWAG, changing at every epoch: with t = e/start and
    /// r = rate/lr₀,
    ///
    ///     lr/lr₀ = 1                            for t ≤ 0.5
    ///              1 − (1 − r)(t − 0.5)/0.4     for 0.5 < t ≤ 0.9
    ///              r                            for t > 0.9
    ///
    /// so that the constant rate is reached at e ≈ 0.9·start and lasts to the end; from the start
    /// if `start` is 0. Izmailov, Podoprikhin, Garipov, Vetrov and Wilson, "Averaging weights leads
    /// to wider optima and better generalization", UAI 2018, in the form of its published code.
    case swa(start: Int, rate: Double)

    /// The triangular cycles of fast geometric ensembling, changing at every step: with
    /// τ = ((e mod c) + i/n)/c and c = `cycle`, an even number of epochs,
    ///
    ///     lr = (1 − 2τ) lr₀ + 2τ minimum            for τ < ½
    ///          (2 − 2τ) minimum + (2τ − 1) lr₀      otherwise
    ///
    /// Garipov, Izmailov, Podoprikhin, Vetrov and Wilson, "Loss surfaces, mode connectivity, and
    /// fast ensembling of DNNs", NeurIPS 2018, section 4.
    case cyclic(cycle: Int, minimum: Double)
  }

  public let shape: Shape
  /// lr₀, the rate from which the shape starts.
  public let initialRate: Double
  /// Over how many epochs, from the first step, the rate rises linearly to the shape's.
  public let warmup: Double

  /// A schedule for `epochs` epochs. Throws `HyperparameterError` for rates that are not positive
  /// (a minimum may be 0), minima above the initial rate, milestones and periods below 1, cycles
  /// that are odd or below 2, and a warm-up or an SWA start beyond the last epoch.
  public init(
    _ shape: Shape, initialRate: Double, epochs: Int, warmup: Double = 0
  ) throws {
    try requirePositive("learning rate", initialRate)
    if epochs < 1 { throw HyperparameterError("epochs", "must be at least 1, not \(epochs)") }
    try requireNonNegative("warm-up", warmup)
    if warmup > Double(epochs) {
      throw HyperparameterError("warm-up", "lasts \(warmup) epochs, training only \(epochs)")
    }
    try Self.check(shape, initialRate: initialRate, epochs: epochs)
    if case .step(let milestones, let gamma) = shape {
      self.shape = .step(milestones: milestones.sorted(), gamma: gamma)
    } else {
      self.shape = shape
    }
    self.initialRate = initialRate
    self.warmup = warmup
  }

  /// The schedule of the papers' plain SGD runs: `swa` with start = E and r = 0.01.
  public static func sgdBaseline(
    initialRate: Double, epochs: Int, warmup: Double = 0
  ) throws -> LearningRateSchedule {
    try LearningRateSchedule(
      .swa(start: epochs, rate: 0.01 * initialRate), initialRate: initialRate, epochs: epochs,
      warmup: warmup)
  }

  /// The rate for step `step` of `stepsPerEpoch` in epoch `epoch`, all from 0.
  ///
  /// While warming up, for the global step k = epoch·stepsPerEpoch + step, it is the shape's rate
  /// times (k + 1)/(warmup·stepsPerEpoch); the shape itself is not shifted.
  public func learningRate(epoch: Int, step: Int, stepsPerEpoch: Int) -> Double {
    let position = Double(epoch) + Double(step) / Double(stepsPerEpoch)
    let rate = shapeRate(epoch: epoch, position: position)
    let rampLength = warmup * Double(stepsPerEpoch)
    let stepsTaken = Double(epoch) * Double(stepsPerEpoch) + Double(step) + 1
    return stepsTaken < rampLength ? rate * stepsTaken / rampLength : rate
  }

  private func shapeRate(epoch: Int, position: Double) -> Double {
    switch shape {
    case .constant:
      return initialRate
    case .step(let milestones, let gamma):
      let passed = milestones.prefix { $0 <= epoch }.count
      return initialRate * pow(gamma, Double(passed))
    case .cosine(let period, let multiplier, let minimum):
      let (start, length) = Self.period(of: epoch, first: period, multiplier: multiplier)
      let fraction = (position - Double(start)) / Double(length)
      return minimum + 0.5 * (initialRate - minimum) * (1 + cos(Double.pi * fraction))
    case .swa(let start, let rate):
      let t = start > 0 ? Double(epoch) / Double(start) : 1
      if t <= 0.5 { return initialRate }
      if t > 0.9 { return rate }
      return initialRate - (initialRate - rate) * (t - 0.5) / 0.4
    case .cyclic(let cycle, let minimum):
      let cyclesBefore = Double(epoch / cycle * cycle)
      let tau = (position - cyclesBefore) / Double(cycle)
      return tau < 0.5
        ? (1 - 2 * tau) * initialRate + 2 * tau * minimum
        : (2 - 2 * tau) * minimum + (2 * tau - 1) * initialRate
    }
  }
}
