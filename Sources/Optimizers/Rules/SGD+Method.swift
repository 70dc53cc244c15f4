import Objectives

extension SGD {
  /// The fused rule, or with transforms beside it a chain of its parts.
  public static let method = Method<OptimizerRecipe>(
    "sgd", "stochastic gradient descent; --momentum (0.9), --nesterov, --weight-decay",
    source: "Sutskever et al. 2013"
  ) { _ in
    OptimizerRecipe(rate: 0.05, takesMomentum: true) { request in
      let momentum = request.momentum ?? 0.9
      let fused = try SGD(
        count: request.transforms.isEmpty ? request.count : 0, momentum: momentum,
        weightDecay: request.weightDecay, nesterov: request.nesterov)
      if request.transforms.isEmpty { return fused }
      return try request.chain(parts(request, momentum: momentum))
    }
  }

  /// The parts of the rule, in order: a chain of them has its bits.
  static func parts(_ request: OptimizerRequest, momentum: Double) -> [any Transform] {
    let velocity = Momentum(count: request.count, momentum, nesterov: request.nesterov)
    return [CoupledDecay(request.weightDecay)] + (momentum > 0 ? [velocity] : []) + [RateScaling()]
  }
}
