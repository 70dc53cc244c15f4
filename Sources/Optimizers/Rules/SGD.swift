import Objectives
import WeightSpace

/// Stochastic gradient descent with momentum and weight decay, as PyTorch defines it.
///
///     g ← ∇L + wd·w
///     v ← μ v + g                       (v = 0 at first; no dampening)
///     w ← w − lr v                      or, with Nesterov's momentum, w ← w − lr (g + μ v)
///
/// The rate multiplies the whole velocity v, so that changing it rescales what has accumulated;
/// weight decay acts on every element, biases and BatchNorm's γ and β included.
///
/// Memory: P floats with momentum, none without. Cost: one pass over w, g and v.
///
/// Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep
/// learning", ICML 2013, in the form of `torch.optim.SGD`.
public final class SGD: Optimizer {
  public let momentum: Double
  public let weightDecay: Double
  public let nesterov: Bool
  public var updateCount = 0
  public let vectors: [StateVector]

  /// Throws `HyperparameterError` unless 0 ≤ momentum < 1 and weightDecay ≥ 0, and if Nesterov's
  /// momentum is asked for without momentum.
  public init(
    count: Int, momentum: Double = 0, weightDecay: Double = 0, nesterov: Bool = false
  ) throws {
    try requireBelowOne("momentum", momentum)
    try requireNonNegative("weight decay", weightDecay)
    if nesterov && momentum == 0 {
      throw HyperparameterError("Nesterov's momentum", "needs a momentum greater than 0")
    }
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.nesterov = nesterov
    vectors = momentum > 0 ? [StateVector("momentum", count: count)] : []
  }

  public func update(
    _ weights: inout WeightVector, gradient: borrowing WeightVector, _ step: Step
  ) {
    let rate = Float(step.learningRate)
    let decay = Float(weightDecay)
    let mu = Float(momentum)
    if let velocity = vectors.first {
      if nesterov {
        forEachChunk(updating: &weights, &velocity.values, reading: gradient) { w, v, g in
          nesterovStep(&w, &v, g, rate: rate, momentum: mu, decay: decay)
        }
      } else {
        forEachChunk(updating: &weights, &velocity.values, reading: gradient) { w, v, g in
          momentumStep(&w, &v, g, rate: rate, momentum: mu, decay: decay)
        }
      }
    } else {
      forEachChunk(updating: &weights, reading: gradient) { w, g in
        plainStep(&w, g, rate: rate, decay: decay)
      }
    }
    updateCount += 1
  }
}

private func plainStep(
  _ w: inout MutableSpan<Float>, _ g: Span<Float>, rate: Float, decay: Float
) {
  precondition(g.count == w.count)
  for i in 0..<w.count { w[i] -= rate * (g[i] + decay * w[i]) }
}

private func momentumStep(
  _ w: inout MutableSpan<Float>, _ v: inout MutableSpan<Float>, _ g: Span<Float>,
  rate: Float, momentum: Float, decay: Float
) {
  precondition(g.count == w.count && v.count == w.count)
  for i in 0..<w.count {
    let velocity = momentum * v[i] + (g[i] + decay * w[i])
    v[i] = velocity
    w[i] -= rate * velocity
  }
}

private func nesterovStep(
  _ w: inout MutableSpan<Float>, _ v: inout MutableSpan<Float>, _ g: Span<Float>,
  rate: Float, momentum: Float, decay: Float
) {
  precondition(g.count == w.count && v.count == w.count)
  for i in 0..<w.count {
    let slope = g[i] + decay * w[i]
    let velocity = momentum * v[i] + slope
    v[i] = velocity
    w[i] -= rate * (slope + momentum * velocity)
  }
}
