/// The temperature that minimises the negative log-likelihood of some rows.
public struct TemperatureFit: Sendable, Equatable {
  /// How the search ended.
  public enum Outcome: Sendable, Equatable {
    case minimum
    /// Every row's largest logit is at its class, or nearly: the likelihood grows as T falls, here
    /// to the lower bound.
    case lowerBound
    /// The logits say nothing of the classes, or the opposite of the truth: it grows with T.
    case upperBound
    /// The likelihood is the same at any temperature, such as of constant logits; T is 1.
    case indifferent
  }

  public var temperature: Double
  public var outcome: Outcome
  /// At that temperature, and at 1, in nats.
  public var negativeLogLikelihood: Double
  public var negativeLogLikelihoodBefore: Double
  /// How often the rows were gone through.
  public var evaluations: Int

  /// T lies within these.
  public static let bounds = 1e-3...1e3

  /// Newton's method on the convex function of β = 1/T, from β = 1. Every evaluation's slope moves
  /// one end of an interval that holds the minimum; a step that leaves the interval is replaced by
  /// the middle of it on a logarithmic scale. Ends when β has settled to 10⁻¹² of itself or the
  /// slope is 0; about ten evaluations.
  ///
  /// - Parameter objective: evaluates all rows at one β; called with β from 1/1000 to 1000.
  public init(
    _ objective: (_ inverseTemperature: Double) throws -> TemperatureObjective
  ) rethrows {
    var (low, high) = (1 / Self.bounds.upperBound, 1 / Self.bounds.lowerBound)
    let start = try objective(1)
    var (count, beta, current) = (1, 1.0, start)
    func fit(_ outcome: Outcome) -> TemperatureFit {
      TemperatureFit(
        temperature: 1 / beta, outcome: outcome, negativeLogLikelihood: current.value,
        negativeLogLikelihoodBefore: start.value, evaluations: count)
    }
    if start.derivative == 0 {
      self = fit(start.secondDerivative == 0 ? .indifferent : .minimum)
      return
    }
    // A minimum at the bound, or beyond it?
    beta = start.derivative < 0 ? high : low
    current = try objective(beta)
    count += 1
    if start.derivative < 0 && current.derivative <= 0 {
      self = fit(.lowerBound)
      return
    }
    if start.derivative > 0 && current.derivative >= 0 {
      self = fit(.upperBound)
      return
    }
    if start.derivative < 0 { low = 1 } else { high = 1 }
    (beta, current) = (1, start)
    while count < 200, current.derivative != 0 {
      if current.derivative < 0 { low = beta } else { high = beta }
      var next = beta - current.derivative / current.secondDerivative
      if !(next > low && next < high) { next = (low * high).squareRoot() }
      let step = abs(next - beta)
      beta = next
      current = try objective(beta)
      count += 1
      if step <= 1e-12 * beta || high - low <= 1e-15 * high { break }
    }
    self = fit(.minimum)
  }

  private init(
    temperature: Double, outcome: Outcome, negativeLogLikelihood: Double,
    negativeLogLikelihoodBefore: Double, evaluations: Int
  ) {
    self.temperature = temperature
    self.outcome = outcome
    self.negativeLogLikelihood = negativeLogLikelihood
    self.negativeLogLikelihoodBefore = negativeLogLikelihoodBefore
    self.evaluations = evaluations
  }
}
