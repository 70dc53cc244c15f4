import Objectives
import WeightSpace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Adam's scaling of each weight's rate, with a power p of the denominator and its maximum: from the
/// gradient's units to the weights', the schedule's rate η included.
///
///     m ← β₁ m + (1 − β₁) g;   s ← β₂ s + (1 − β₂) g²;   ŝ ← max(ŝ, s) with AMSGrad, else s
///     corrected:   update ← η/(1 − β₁ᵗ) · m / (√ŝ/√(1 − β₂ᵗ) + ε)                  (p = ½)
///     published:   update ← η √(1 − β₂ᵗ)/(1 − β₁ᵗ) · m / (√ŝ + ε)²ᵖ
///
/// t counts the updates from 1. For p < ½ the published factor √(1 − β₂ᵗ) is not the power p of what
/// it corrects; it is kept as published. Memory: 2 P floats, 3 P with AMSGrad.
///
/// Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1, and in the
/// corrected form `torch.optim.Adam`; Reddi, Kale and Kumar, "On the convergence of Adam and
/// beyond", ICLR 2018, algorithm 2; Chen, Zhou, Tang, Yang, Cao and Gu, "Closing the generalization
/// gap of adaptive gradient methods in training deep neural networks", IJCAI 2020, algorithm 1.
public final class AdaptiveStep: Transform {
  public enum Form: Sendable, Equatable {
    case corrected
    case published(power: Double)
  }

  public let beta1, beta2, epsilon: Double
  public let form: Form
  public let vectors: [StateVector]
  private var updates = 0
  private var rate: Float = 0
  private var scale: Float = 1

  /// Throws `HyperparameterError` unless 0 ≤ β < 1 for both, ε > 0 and 0 < p ≤ ½.
  public init(
    count: Int, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    amsgrad: Bool = false, form: Form = .corrected
  ) throws {
    try requireBelowOne("beta 1", beta1)
    try requireBelowOne("beta 2", beta2)
    try requirePositive("epsilon", epsilon)
    if case .published(let power) = form, !(power > 0 && power <= 0.5) {
      throw HyperparameterError("power", "must be above 0 and at most 0.5, not \(power)")
    }
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.form = form
    vectors =
      [StateVector("first_moment", count: count), StateVector("second_moment", count: count)]
      + (amsgrad ? [StateVector("largest_second_moment", count: count)] : [])
  }

  public var numbers: [StateNumber] {
    get { [StateNumber("adaptive_updates", updates)] }
    set { updates = newValue.count("adaptive_updates") }
  }

  public func begin(
    _ weights: borrowing WeightVector, gradient: borrowing WeightVector, _ step: Step
  ) {
    updates += 1
    let t = Double(updates)
    let correction = (1 - pow(beta2, t)).squareRoot()
    switch form {
    case .corrected:
      rate = Float(step.learningRate / (1 - pow(beta1, t)))
      scale = Float(correction)
    case .published:
      rate = Float(step.learningRate * correction / (1 - pow(beta1, t)))
      scale = 1
    }
  }

  public func apply(
    to update: inout MutableSpan<Float>, _ weights: inout MutableSpan<Float>, _ state: StateRange
  ) {
    let (b1, r1) = (Float(beta1), Float(1 - beta1))
    let (b2, r2) = (Float(beta2), Float(1 - beta2))
    state.withSpan(0) { $0.average(with: update.span, decay: b1, weight: r1) }
    state.withSpan(1) { $0.average(withSquaresOf: update.span, decay: b2, weight: r2) }
    guard vectors.count == 3 else { return divide(&update, state, root: 1) }
    state.withSpan(2) { largest in
      state.withSpan(1) { s in
        for i in 0..<s.count { largest[i] = max(largest[i], s[i]) }
      }
    }
    divide(&update, state, root: 2)
  }

  /// update ← rate · m over the root of vector `root`.
  private func divide(_ update: inout MutableSpan<Float>, _ state: StateRange, root: Int) {
    let (rate, scale, epsilon) = (rate, scale, Float(epsilon))
    state.withSpan(root) { s in
      state.withSpan(0) { m in
        switch form {
        case .corrected, .published(power: 0.5):
          update.set(scaled: rate, m.span, overRootOf: s.span, scale: scale, epsilon: epsilon)
        case .published(power: 0.25), .published(power: 0.125):
          update.set(
            scaled: rate, m.span, overRootOfRootOf: s.span, again: form == .published(power: 0.125),
            epsilon: epsilon)
        case .published(let power):
          let exponent = Float(2 * power)
          for i in 0..<update.count {
            update[i] = rate * m[i] / pow(s[i].squareRoot() + epsilon, exponent)
          }
        }
      }
    }
  }
}
