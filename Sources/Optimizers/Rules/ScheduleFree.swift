import Objectives

/// Descent whose averaging replaces the schedule: see `ScheduleFreeAverage`.
public enum ScheduleFree {
  /// With `adaptive`, gradients are divided by √(s/(1 − β₂ᵗ)) + ε as in Adam without momentum, and the
  /// weight decay acts beside that, z ← z − γ λ y; else it is a part of the gradient at y.
  public static let method = Method<OptimizerRecipe>(
    "schedule-free",
    "averaging in place of a schedule; snapshots hold the average, without statistics",
    source: "Defazio et al. 2024",
    keys: [
      .number(
        "beta", 0.9, in: 0...1, open: true, "where between iterate and average gradients are"),
      .number("power", 0, in: 0...100, "r: steps weigh as the power r of their number"),
      .flag("adaptive", false, "Adam's denominator"),
      .share("beta2", 0.999, "adaptive: decay of the mean of squares"),
      .positive("epsilon", 1e-8, "adaptive: added to the root of that mean"),
    ]
  ) { keys in
    let adaptive = keys.flag("adaptive")
    return OptimizerRecipe(rate: adaptive ? 0.0025 : 1, takesSchedule: false) { request in
      let average = ScheduleFreeAverage(
        count: request.count, interpolation: keys.number("beta"), power: keys.number("power"))
      if !adaptive {
        return try request.chain([CoupledDecay(request.weightDecay), RateScaling(), average])
      }
      return try request.chain([
        AdaptiveStep(
          count: request.count, beta1: 0, beta2: keys.number("beta2"),
          epsilon: keys.number("epsilon")),
        CoupledDecay(request.weightDecay, isAfterRate: true), average,
      ])
    }
  }
}
