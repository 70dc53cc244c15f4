import Objectives
import WeightSpace

/// v ← μ v + update; update ← v, or with Nesterov's momentum update + μ v. v = 0 at first.
public final class Momentum: Transform {
  /// μ.
  public let momentum: Double
  public let nesterov: Bool
  public let vectors: [StateVector]

  public init(count: Int, _ momentum: Double, nesterov: Bool = false) {
    self.momentum = momentum
    self.nesterov = nesterov
    vectors = [StateVector("momentum", count: count)]
  }

  public func apply(
    to update: inout MutableSpan<Float>, _ weights: inout MutableSpan<Float>, _ state: StateRange
  ) {
    let mu = Float(momentum)
    if nesterov {
      state.withSpan(0) { v in
        for i in 0..<update.count {
          let slope = update[i]
          let velocity = mu * v[i] + slope
          v[i] = velocity
          update[i] = slope + mu * velocity
        }
      }
    } else {
      state.withSpan(0) { v in
        for i in 0..<update.count {
          let velocity = mu * v[i] + update[i]
          v[i] = velocity
          update[i] = velocity
        }
      }
    }
  }
}

/// update ← η update: from the gradient's units to the weights'.
public final class RateScaling: Transform {
  private var rate: Float = 0
  public init() {}

  public func begin(
    _ weights: borrowing WeightVector, gradient: borrowing WeightVector, _ step: Step
  ) { rate = Float(step.learningRate) }

  public func apply(
    to update: inout MutableSpan<Float>, _ weights: inout MutableSpan<Float>, _ state: StateRange
  ) {
    let rate = rate
    for i in 0..<update.count { update[i] *= rate }
  }
}
