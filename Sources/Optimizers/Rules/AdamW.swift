import Objectives
import WeightSpace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Adam with decoupled weight decay, as PyTorch defines it.
///
/// For update t = 1, 2, …:
///
///     w ← w (1 − lr·wd)
///     m ← β₁ m + (1 − β₁) g             (m = 0 at first)
///     v ← β₂ v + (1 − β₂) g²            (v = 0 at first)
///     w ← w − lr/(1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
///
/// Weight decay acts on every element. Memory: 2 P floats. Cost: one pass over w, g, m and v.
///
/// Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2, in the
/// form of `torch.optim.AdamW`.
public final class AdamW: Optimizer {
  public let beta1: Double
  public let beta2: Double
  public let epsilon: Double
  public let weightDecay: Double
  public var updateCount = 0
  public let vectors: [StateVector]

  /// Throws `HyperparameterError` unless 0 ≤ β < 1 for both, ε > 0 and weightDecay ≥ 0.
  public init(
    count: Int, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0.01
  ) throws {
    try requireBelowOne("beta 1", beta1)
    try requireBelowOne("beta 2", beta2)
    try requirePositive("epsilon", epsilon)
    try requireNonNegative("weight decay", weightDecay)
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    vectors = [
      StateVector("first_moment", count: count),
      StateVector("second_moment", count: count),
    ]
  }

  public func update(
    _ weights: inout WeightVector, gradient: borrowing WeightVector, _ step: Step
  ) {
    updateCount += 1
    let t = Double(updateCount)
    // The coefficients are worked out in Double and rounded once.
    let learningRate = step.learningRate
    let step = AdamStep(
      shrink: Float(1 - learningRate * weightDecay),
      beta1: Float(beta1), rest1: Float(1 - beta1), beta2: Float(beta2), rest2: Float(1 - beta2),
      rate: Float(learningRate / (1 - pow(beta1, t))),
      scale: Float((1 - pow(beta2, t)).squareRoot()), epsilon: Float(epsilon))
    let first = vectors[0]
    let second = vectors[1]
    forEachChunk(updating: &weights, &first.values, &second.values, reading: gradient) {
      w, m, v, g in step.apply(&w, &m, &v, g)
    }
  }
}

/// The coefficients of one update, the same for all elements.
private struct AdamStep {
  let shrink, beta1, rest1, beta2, rest2, rate, scale, epsilon: Float

  func apply(
    _ w: inout MutableSpan<Float>, _ m: inout MutableSpan<Float>, _ v: inout MutableSpan<Float>,
    _ g: Span<Float>
  ) {
    precondition(g.count == w.count && m.count == w.count && v.count == w.count)
    for i in 0..<w.count {
      let slope = g[i]
      m[i] = beta1 * m[i] + rest1 * slope
      v[i] = beta2 * v[i] + rest2 * slope * slope
      w[i] *= shrink
    }
    w.subtract(
      scaled: rate, m.span, overRootOf: v.span, scale: scale, epsilon: epsilon)
  }
}
