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
    state.withSpan(0) { v in
      if nesterov {
        update.accumulateAhead(into: &v, momentum: mu)
      } else {
        update.accumulate(into: &v, momentum: mu)
      }
    }
  }
}

/// update ← η update: from the gradient's units to the weights'.
public final class RateScaling: Transform {
  public private(set) var factor: Float? = 0
  public init() {}

  public func begin(
    _ weights: borrowing WeightVector, gradient: borrowing WeightVector, _ step: Step
  ) { factor = Float(step.learningRate) }
}
