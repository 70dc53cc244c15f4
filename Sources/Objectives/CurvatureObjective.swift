import WeightSpace

/// An objective that gives products with the matrices of its second derivatives, without the
/// matrices (Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 1994;
/// Schraudolph, "Fast curvature matrix-vector products", Neural Computation 2002).
public protocol CurvatureObjective<Batch>: Objective, ~Copyable {
  /// `product` ← H v with H = ∇² of the batch's mean loss at `weights` and v = `direction`, all of
  /// length P; the result is that of `valueAndGradient`.
  mutating func hessianProduct(
    at weights: borrowing WeightVector, along direction: borrowing WeightVector, _ batch: Batch,
    _ step: Step, product: inout WeightVector
  ) throws -> BatchResult

  /// `product` ← G v, the same with the Gauss-Newton matrix G = mean of Jᵀ H_ℓ J: J is the Jacobian
  /// of the outputs by the weights, H_ℓ the Hessian of an example's loss by its outputs. G is
  /// positive semi-definite where the loss is convex in the outputs.
  mutating func gaussNewtonProduct(
    at weights: borrowing WeightVector, along direction: borrowing WeightVector, _ batch: Batch,
    _ step: Step, product: inout WeightVector
  ) throws -> BatchResult
}
