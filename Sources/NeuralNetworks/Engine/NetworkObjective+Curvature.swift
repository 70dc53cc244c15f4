import Objectives
import WeightSpace

extension NetworkObjective: CurvatureObjective {
  /// `product` ← H v with H = ∇² of the batch's mean loss at `weights`, v = `direction` (Pearlmutter,
  /// "Fast exact multiplication by the Hessian", Neural Computation 1994).
  ///
  /// ReLU and maximum count as linear wherever they have a derivative, as automatic differentiation
  /// has it: the jumps of the gradient are left out. Dropout masks are those of the step. Cost: three gradients; memory: twice a
  /// gradient's.
  ///
  /// Throws `NetworkError` where the batch does not fit the network.
  public func hessianProduct(
    at weights: borrowing WeightVector, along direction: borrowing WeightVector,
    _ batch: NetworkBatch, _ step: Step, product: inout WeightVector
  ) throws -> BatchResult {
    try multiply(.hessian, weights, direction, batch, step, &product)
  }

  /// `product` ← G v with G = mean of Jᵀ H_ℓ J, J the Jacobian of an example's outputs by the
  /// weights, H_ℓ the Hessian of its loss by the outputs: positive semi-definite (Schraudolph, "Fast
  /// curvature matrix-vector products", Neural Computation 2002). For the Gaussian loss H_ℓ is the
  /// Fisher matrix.
  ///
  /// Cost: 5/3 of a gradient.
  ///
  /// Throws `NetworkError` where the batch does not fit the network.
  public func gaussNewtonProduct(
    at weights: borrowing WeightVector, along direction: borrowing WeightVector,
    _ batch: NetworkBatch, _ step: Step, product: inout WeightVector
  ) throws -> BatchResult {
    try multiply(.gaussNewton, weights, direction, batch, step, &product)
  }

  /// Seconds of every step of a product with the Hessian, after a call of `hessianProduct` with the
  /// same batch size.
  public func profileHessianProduct(_ batch: NetworkBatch, clock: () -> Double) throws -> [(
    String, Double
  )] {
    let plan = try curvaturePlan(.hessian, batch.count)
    return unsafe batch.inputs.withUnsafeBufferPointer {
      unsafe plan.profile($0.baseAddress!, clock: clock)
    }
  }

  private func multiply(
    _ curvature: Loss.Curvature, _ weights: borrowing WeightVector,
    _ direction: borrowing WeightVector, _ batch: NetworkBatch, _ step: Step,
    _ product: inout WeightVector
  ) throws -> BatchResult {
    precondition(weights.count == network.parameterCount && direction.count == weights.count)
    precondition(product.count == weights.count)
    try network.check(batch, loss: loss)
    let plan = try curvaturePlan(curvature, batch.count)
    plan.dropout.seed = step.seed
    plan.dropout.pass = UInt64(step.index)
    let (count, width) = (batch.count, network.outputCount)
    return unsafe weights.withUnsafeBufferPointer { w in
      unsafe direction.withUnsafeBufferPointer { v in
        unsafe product.withUnsafeMutableBufferPointer { p in
          unsafe withStatistics { statistics in
            unsafe plan.prepare(
              weights: w.baseAddress!, statistics: statistics, gradient: p.baseAddress!,
              direction: v.baseAddress!)
          }
          return unsafe batch.inputs.withUnsafeBufferPointer { inputs in
            unsafe plan.runForward(inputs.baseAddress!)
            plan.runTangent()
            let outputs = unsafe UnsafeBufferPointer(plan.outputSpan).span
            let tangent = unsafe UnsafeBufferPointer(plan.outputTangentSpan).span
            var gradient = unsafe plan.outputGradientSpan.mutableSpan
            let result = loss.evaluate(
              outputs, count: count, width: width, targets: batch.targets, gradient: &gradient)
            if curvature == .hessian {
              gradient = unsafe plan.outputGradientTangentSpan.mutableSpan
            }
            loss.curvatureProduct(
              curvature, outputs, tangent, count: count, width: width, targets: batch.targets,
              product: &gradient)
            plan.runBackward()
            return BatchResult(result, batch)
          }
        }
      }
    }
  }
}
