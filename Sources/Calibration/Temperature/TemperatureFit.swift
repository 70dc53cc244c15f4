/// The temperature that minimises the negative log-likelihood of some rows.
public struct TemperatureFit: Sendable, Equatable {
  /// How the search ended.
  public enum Outcome: Sendable, Equatable {
    case minimum
    /// Every row's largest logit is at its class, or nearly: the likelihood does not fall as T does,
    /// here to the lower bound.
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

  /// T lies within 10⁻³ and 10³, and where the logits are spread by less or more than 1 within 10⁻³
  /// and 10³ times that: logits on another scale have their temperature on that scale.
  public static func bounds(spread: Double) -> ClosedRange<Double> {
    1e-3 * min(1, spread)...1e3 * max(1, spread)
  }

  /// Newton's method on the convex function of β = 1/T, from β = 1. Every evaluation's slope moves
  /// one end of an interval that holds the minimum; a step that leaves the interval is replaced by
  /// the middle of it on a logarithmic scale. Ends when β has settled to 10⁻¹² of itself or the
  /// slope is 0; about ten evaluations.
  ///
  /// - Parameter objective: evaluates all rows at one β; called first with 1, then within the bounds.
  public init(
    _ objective: (_ inverseTemperature: Double) throws -> TemperatureObjective
  ) rethrows {
    let start = try objective(1)
    var (count, beta, current) = (1, 1.0, start)
    func fit(_ outcome: Outcome) -> TemperatureFit {
      TemperatureFit(
        temperature: 1 / beta, outcome: outcome, negativeLogLikelihood: current.value,
        negativeLogLikelihoodBefore: start.value, evaluations: count)
    }
    guard start.spread > 0 else {
      self = fit(.indifferent)
      return
    }
    if start.derivative == 0 && start.secondDerivative > 0 {
      self = fit(.minimum)
      return
    }
    // Where nothing is left of the loss already, its slope is 0, and T may fall.
    let falls = start.derivative <= 0
    let bounds = Self.bounds(spread: start.spread)
    var inner = (beta: 1.0, current: start)
    for bound in falls ? [1e3, 1 / bounds.lowerBound] : [1e-3, 1 / bounds.upperBound] {
      guard bound != inner.beta else { continue }
      // A minimum at the bound, or beyond it?
      (beta, current) = (bound, try objective(bound))
      count += 1
      if falls ? current.derivative > 0 : current.derivative < 0 { break }
      inner = (beta, current)
    }
    guard beta != inner.beta else {
      self = fit(falls ? .lowerBound : .upperBound)
      return
    }
    var (low, high) = falls ? (inner.beta, beta) : (beta, inner.beta)
    (beta, current) = inner
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
