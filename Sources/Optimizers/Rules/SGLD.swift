import Objectives

/// Stochastic gradient Langevin dynamics: descent on the mean loss with the noise of
/// `LangevinNoise`,
///
///     w ← w − η (∇L_B + λ w) + √(2 η T/N) z
///
/// which at T = 1, as η falls, samples exp(−N (L + ½ λ ‖w‖²)). A prior N(0, σ²) is λ = 1/(N σ²).
/// With BatchNorm in training mode the loss depends on the batch, so that there is no fixed
/// posterior; it is sampled as published. With augmentation N stays the number of rows.
///
/// Welling and Teh, "Bayesian learning via stochastic gradient Langevin dynamics", ICML 2011.
public enum SGLD {
  public static let method = Method<OptimizerRecipe>(
    "sgld", "Langevin dynamics: gradient steps with noise that samples the posterior",
    source: "Welling and Teh 2011",
    keys: [
      .nonNegative("temperature", 1, "T: multiplies the noise's variance"),
      .nonNegative(
        "prior-std", 0, "standard deviation of a normal prior, instead of --weight-decay; 0: none"),
      .integer("noise-from", 1, in: 1...1_000_000, "the first epoch with noise"),
    ]
  ) { keys in
    let temperature = keys.number("temperature")
    let priorStd = keys.number("prior-std")
    let first = keys.integer("noise-from")
    return OptimizerRecipe(rate: 0.05, replacesDecay: priorStd > 0) { request in
      let decay =
        priorStd > 0 ? 1 / (Double(request.examples) * priorStd * priorStd) : request.weightDecay
      return try request.chain([
        CoupledDecay(decay), RateScaling(),
        LangevinNoise(temperature: temperature, firstEpoch: first),
      ])
    }
  }
}
