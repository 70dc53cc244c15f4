extension AveragePlan {
  /// Polynomial-decay averaging: āₜ = (1 − cₜ) āₜ₋₁ + cₜ wₜ with cₜ = (η + 1)/(t + η), t = 1, 2, …
  /// (Shamir, Zhang, "Stochastic gradient descent for non-smooth optimization", ICML 2013, section 4).
  ///
  /// With η = 0 it is the mean; the larger η, the more the last vectors count.
  ///
  /// - Parameter eta: η, at least 0.
  public static func polynomial(count: Int, eta: Double, running: Bool) -> AveragePlan {
    let steps = (0..<count).map { t in
      let share = (eta + 1) / (Double(t + 1) + eta)
      return Step(decay: 1 - share, weight: share)
    }
    return AveragePlan(steps: steps, outputs: outputs(count: count, running: running))
  }
}
