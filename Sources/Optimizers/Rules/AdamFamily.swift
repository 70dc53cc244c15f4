import Objectives

/// Adam, AdamW and Padam, with and without AMSGrad: `AdaptiveStep` with one or the other decay.
public enum AdamFamily {
  private static let keys: [MethodKey] = [
    .share("beta1", 0.9, "decay of the mean of gradients"),
    .share("beta2", 0.999, "decay of the mean of their squares"),
    .positive("epsilon", 1e-8, "added to the root of that mean"),
  ]

  /// The fused rule, or with AMSGrad or transforms beside it a chain of its parts.
  public static let adamW = Method<OptimizerRecipe>(
    "adamw", "Adam with decoupled weight decay, as PyTorch defines it",
    source: "Loshchilov and Hutter 2019",
    keys: keys + [.flag("amsgrad", false, "divide by the largest mean of squares so far")]
  ) { keys in
    OptimizerRecipe(rate: 0.001) { request in
      let amsgrad = keys.flag("amsgrad")
      let isFused = request.transforms.isEmpty && !amsgrad
      let fused = try AdamW(
        count: isFused ? request.count : 0, beta1: keys.number("beta1"),
        beta2: keys.number("beta2"), epsilon: keys.number("epsilon"),
        weightDecay: request.weightDecay)
      if isFused { return fused }
      return try request.chain([
        DecoupledDecay(request.weightDecay), step(keys, request, amsgrad: amsgrad),
      ])
    }
  }

  public static let adam = Method<OptimizerRecipe>(
    "adam", "Adam; the weight decay is a part of the gradient",
    source: "Kingma and Ba 2015; AMSGrad: Reddi et al. 2018",
    keys: keys + [.flag("amsgrad", false, "divide by the largest mean of squares so far")]
  ) { keys in
    OptimizerRecipe(rate: 0.001) { request in
      try request.chain([
        CoupledDecay(request.weightDecay),
        step(keys, request, amsgrad: keys.flag("amsgrad")),
      ])
    }
  }

  /// partial = ½ is AdamW in the published form, with ε inside the corrected step.
  public static let padam = Method<OptimizerRecipe>(
    "padam", "Adam with a power of the denominator; the weight decay is decoupled",
    source: "Chen et al. 2020",
    keys: [
      .number(
        "partial", 0.125, in: (0.0).nextUp...0.5, "the power p; 0.5 is Adam")
    ] + keys
      + [.flag("amsgrad", true, "divide by the largest mean of squares so far")]
  ) { keys in
    let power = keys.number("partial")
    return OptimizerRecipe(rate: 0.1) { request in
      try request.chain([
        DecoupledDecay(request.weightDecay),
        step(keys, request, amsgrad: keys.flag("amsgrad"), form: .published(power: power)),
      ])
    }
  }

  private static func step(
    _ keys: MethodValues, _ request: OptimizerRequest, amsgrad: Bool,
    form: AdaptiveStep.Form = .corrected
  ) throws -> AdaptiveStep {
    try AdaptiveStep(
      count: request.count, beta1: keys.number("beta1"), beta2: keys.number("beta2"),
      epsilon: keys.number("epsilon"), amsgrad: amsgrad, form: form)
  }
}
