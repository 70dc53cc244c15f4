extension AveragePlan {
  /// The mean, Σ wₜ / T: stochastic weight averaging (Izmailov et al., "Averaging weights leads to
  /// wider optima and better generalization", UAI 2018), and Polyak and Ruppert's tail mean.
  ///
  /// - Parameter running: an average after each vector, not only after the last.
  public static func uniform(count: Int, running: Bool) -> AveragePlan {
    AveragePlan(
      steps: (0..<count).map { Step(divisor: Double($0 + 1)) },
      outputs: outputs(count: count, running: running))
  }

  /// Σ cₜ wₜ / Σ cₜ.
  ///
  /// - Throws: `VanishingWeights` where the weights of an average that is wanted add up to zero.
  public static func weighted(_ weights: [Double], running: Bool) throws -> AveragePlan {
    var sum = 0.0
    var magnitude = 0.0
    var vanishing: Int?
    let steps = weights.enumerated().map { t, weight in
      sum += weight
      magnitude += abs(weight)
      // What rounding leaves of zero would make the average enormous.
      if abs(sum) <= 1e-12 * magnitude && (running || t + 1 == weights.count) { vanishing = t + 1 }
      return Step(weight: weight, divisor: sum)
    }
    if let vanishing { throw VanishingWeights(count: vanishing) }
    return AveragePlan(steps: steps, outputs: outputs(count: weights.count, running: running))
  }

  /// The first so many weights of an average add up to zero.
  public struct VanishingWeights: Error {
    public let count: Int
  }
}
