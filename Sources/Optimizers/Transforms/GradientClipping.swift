import Objectives
import WeightSpace

/// g ← g · min(1, c/(‖g‖ + 10⁻⁶)): no gradient is longer than c, as `clip_grad_norm_` of PyTorch.
///
/// ‖g‖ is over the whole vector, added up in Double, before any weight decay. Cost: one pass over
/// the gradient more.
///
/// Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", ICML
/// 2013, algorithm 1.
public final class GradientClipping: Transform {
  /// c.
  public let norm: Double
  public private(set) var factor: Float? = 1

  public init(norm: Double) { self.norm = norm }

  public func begin(
    _ weights: borrowing WeightVector, gradient: borrowing WeightVector, _ step: Step
  ) { factor = Float(min(1, norm / (gradient.norm + 1e-6))) }
}

extension GradientClipping {
  public static let method = Method<TransformRecipe>(
    "clip", "scale gradients down to a norm",
    source: "Pascanu et al. 2013",
    keys: [.positive("norm", nil, "the largest norm of the whole gradient")], mainKey: "norm"
  ) { keys in
    let norm = keys.number("norm")
    return TransformRecipe(stage: .gradient) { _ in GradientClipping(norm: norm) }
  }
}
