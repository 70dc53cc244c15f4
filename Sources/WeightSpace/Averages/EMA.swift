extension AveragePlan {
  /// How the decay of an exponential average grows to its own, so that the first vectors do not stay
  /// in it for long. In both t counts the vectors from 0, and the first one is taken as it is.
  public enum WarmUp: String, Sendable, CaseIterable {
    /// dₜ = min(d, 1 − 1/(t + 1)): the running mean until d is reached. Tarvainen, Valpola, "Mean
    /// teachers are better role models", NeurIPS 2017, as published in their code.
    case meanTeacher = "mt"
    /// dₜ = min(d, (1 + t)/(10 + t)): De et al., "Unlocking high-accuracy differentially private image
    /// classification through scale", 2022.
    case differentialPrivacy = "dp"

    /// dₜ
    public func decay(_ decay: Double, _ t: Int) -> Double {
      switch self {
      case .meanTeacher: min(decay, 1 - 1 / Double(t + 1))
      case .differentialPrivacy: min(decay, Double(1 + t) / Double(10 + t))
      }
    }
  }

  /// The exponential moving average aₜ = d aₜ₋₁ + (1 − d) wₜ from a₀ = w₀.
  ///
  /// - Parameters:
  ///   - decay: d, from 0 to below 1.
  ///   - warmUp: of d.
  public static func exponential(
    count: Int, decay: Double, warmUp: WarmUp? = nil, running: Bool
  ) -> AveragePlan {
    let steps = (0..<count).map { t in
      let d = warmUp?.decay(decay, t) ?? decay
      return Step(decay: d, weight: t == 0 ? 1 : 1 - d)
    }
    return AveragePlan(steps: steps, outputs: outputs(count: count, running: running))
  }

  /// The exponential moving average from zero, divided by 1 − dᵗ⁺¹, the sum of its weights (Kingma,
  /// Ba, "Adam", ICLR 2015, section 3).
  public static func debiasedExponential(
    count: Int, decay: Double, running: Bool
  ) -> AveragePlan {
    var power = 1.0
    let steps = (0..<count).map { _ in
      power *= decay
      return Step(decay: decay, weight: 1 - decay, divisor: 1 - power)
    }
    return AveragePlan(steps: steps, outputs: outputs(count: count, running: running))
  }
}
