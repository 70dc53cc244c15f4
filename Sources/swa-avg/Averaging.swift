import ToolSupport

/// How snapshots are averaged.
enum Averaging {
  /// The mean, Σ wₜ / T: stochastic weight averaging (Izmailov et al. 2018).
  case uniform
  /// Σ cₜ wₜ / Σ cₜ.
  case weighted([Double])
  /// aₜ = d aₜ₋₁ + (1 − d) wₜ from a₀ = w₀; debiased: from zero, divided by 1 − dᵗ⁺¹.
  case exponential(decay: Double, debiased: Bool)

  /// What adding one snapshot does to the running sum: sum ← decay · sum + weight · w, after which
  /// the average is sum / divisor.
  struct Step {
    var decay = 1.0
    var weight = 1.0
    var divisor = 1.0
  }

  /// One step for each of `count` snapshots, from a sum of zero.
  ///
  /// - Parameter running: the average is wanted after each step, not only after the last.
  /// - Throws: a usage error where the weights do not fit the snapshots or add up to zero.
  func steps(count: Int, running: Bool) throws -> [Step] {
    switch self {
    case .uniform:
      return (0..<count).map { Step(divisor: Double($0 + 1)) }
    case .weighted(let weights):
      guard weights.count == count else {
        throw usageError("--weights has \(weights.count) numbers for \(count) snapshots")
      }
      var sum = 0.0
      var magnitude = 0.0
      var vanishing: Int?
      let steps = weights.enumerated().map { t, weight in
        sum += weight
        magnitude += abs(weight)
        // What rounding leaves of zero would make the average enormous.
        if abs(sum) <= 1e-12 * magnitude && (running || t + 1 == count) { vanishing = t + 1 }
        return Step(weight: weight, divisor: sum)
      }
      if let vanishing {
        throw usageError(
          vanishing == count
            ? "--weights add up to zero"
            : "the first \(vanishing) of --weights add up to zero, so there is no running average")
      }
      return steps
    case .exponential(let decay, debiased: false):
      return (0..<count).map { Step(decay: decay, weight: $0 == 0 ? 1 : 1 - decay) }
    case .exponential(let decay, debiased: true):
      var power = 1.0
      return (0..<count).map { _ in
        power *= decay
        return Step(decay: decay, weight: 1 - decay, divisor: 1 - power)
      }
    }
  }
}
