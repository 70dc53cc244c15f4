import Objectives

/// Entropy-SGD: SGD with Nesterov's momentum on the local entropy (`LocalEntropy`), L gradients a
/// step. With L = 0 it is SGD with Nesterov's momentum, bit for bit.
///
/// Chaudhari, Choromanska, Soatto, LeCun, Baldassi, Borgs, Chayes, Sagun and Zecchina,
/// "Entropy-SGD: biasing gradient descent into wide valleys", ICLR 2017, algorithm 1.
public enum EntropySGD {
  public static let method = Method<OptimizerRecipe>(
    "entropy-sgd",
    "descent on the local entropy, L gradients a step; snapshots are without statistics",
    source: "Chaudhari et al. 2017",
    keys: [
      .integer("steps", 20, in: 0...1_000_000, "L: gradients of the inner loop"),
      .positive("rate", 0.1, "η′: rate of the inner loop"),
      .nonNegative("gamma", 1e-4, "γ₀: how much the inner loop is drawn back"),
      .nonNegative("scoping", 1e-3, "γ grows by this share each step"),
      .nonNegative("noise", 1e-4, "e: noise of the inner loop"),
      .share("alpha", 0.75, "share of the old mean in the new"),
      .share("inner-momentum", 0.9, "Nesterov's momentum of the inner loop"),
      .word(
        "scale", "absorbed", of: ["absorbed", "gamma"],
        "absorbed: γ is in the learning rate, as in the published code"),
    ]
  ) { keys in
    let steps = keys.integer("steps")
    let settings = LocalEntropySettings(
      steps: steps, rate: keys.number("rate"), gamma: keys.number("gamma"),
      scoping: keys.number("scoping"), noise: keys.number("noise"), alpha: keys.number("alpha"),
      momentum: keys.number("inner-momentum"), isScaled: keys.word("scale") == "gamma")
    try requireBelowOne("alpha", settings.alpha)
    try requireBelowOne("inner momentum", settings.momentum)
    return OptimizerRecipe(
      rate: steps == 0 ? 0.05 : 0.1, takesMomentum: true,
      decorator: steps == 0 ? nil : LocalEntropyDecorator(settings)
    ) { request in
      var request = request
      request.nesterov = (request.momentum ?? 0.9) > 0
      // The inner loop's gradients have the decay; see `LocalEntropy`.
      if steps > 0 { request.weightDecay = 0 }
      return try SGD.method.make(MethodValues.none).make(request)
    }
  }
}
