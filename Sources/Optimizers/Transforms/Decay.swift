import Objectives
import WeightSpace

/// update ← update + λ w: weight decay as a part of the gradient (L2 regularisation); or, after the
/// rate, update ← update + η λ w.
public final class CoupledDecay: Transform {
  /// λ.
  public let weightDecay: Double
  /// Whether the update is in the weights' units already.
  public let isAfterRate: Bool
  private var factor: Float = 0

  public init(_ weightDecay: Double, isAfterRate: Bool = false) {
    self.weightDecay = weightDecay
    self.isAfterRate = isAfterRate
  }

  public func begin(
    _ weights: borrowing WeightVector, gradient: borrowing WeightVector, _ step: Step
  ) { factor = Float(isAfterRate ? step.learningRate * weightDecay : weightDecay) }

  public func apply(
    to update: inout MutableSpan<Float>, _ weights: inout MutableSpan<Float>, _ state: StateRange
  ) {
    update.add(scaled: factor, weights.span)
  }
}

/// w ← w (1 − η λ) before the update is taken off: weight decay beside the gradient (Loshchilov and
/// Hutter, "Decoupled weight decay regularization", ICLR 2019).
public final class DecoupledDecay: Transform {
  /// λ.
  public let weightDecay: Double
  private var shrink: Float = 1

  public init(_ weightDecay: Double) { self.weightDecay = weightDecay }

  public func begin(
    _ weights: borrowing WeightVector, gradient: borrowing WeightVector, _ step: Step
  ) { shrink = Float(1 - step.learningRate * weightDecay) }

  public func apply(
    to update: inout MutableSpan<Float>, _ weights: inout MutableSpan<Float>, _ state: StateRange
  ) {
    weights.scale(by: shrink)
  }
}
