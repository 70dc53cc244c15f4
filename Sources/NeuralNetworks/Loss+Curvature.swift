extension Loss {
  /// Which matrix of second derivatives by the outputs.
  enum Curvature {
    /// Of the loss itself.
    case hessian
    /// The loss's Hessian where that is positive semi-definite, else the Fisher matrix, which is:
    /// for the Gaussian diag(1/v, 1/(2v²)).
    case gaussNewton
  }

  /// H_ℓ t of the batch's mean loss with t = `tangent` by the outputs; all are [count, width]
  /// row-major, sums in Double.
  ///
  ///     cross-entropy: p ∘ (t − pᵀt) / N                squared error: 2 t / (N·D)
  ///     Gaussian, (y − m) = −d: (t_m/v − d t_v/v², −d t_m/v² + (d²/v³ − 1/(2v²)) t_v) / (N·D)
  func curvatureProduct(
    _ curvature: Curvature, _ outputs: Span<Float>, _ tangent: Span<Float>, count: Int, width: Int,
    targets: BatchTargets, product: inout MutableSpan<Float>
  ) {
    switch (self, targets) {
    case (.crossEntropy, _):
      var softmax = SoftmaxRow(width: width)
      for n in 0..<count {
        let row = n * width
        softmax.read(outputs, from: row)
        var mean = 0.0
        for c in 0..<width { mean += softmax[c] * Double(tangent[row + c]) }
        for c in 0..<width {
          product[row + c] = Float(
            softmax[c] * (Double(tangent[row + c]) - mean) / Double(count))
        }
      }
    case (.squaredError, _):
      let scale = 2 / Double(count * width)
      for k in 0..<(count * width) { product[k] = Float(scale * Double(tangent[k])) }
    case (.gaussian, .values(let values)):
      let half = width / 2
      let scale = 1 / Double(count * half)
      for n in 0..<count {
        for d in 0..<half {
          let (m, v) = (n * width + d, n * width + half + d)
          let variance = Double(outputs[v])
          let (a, b) = (Double(tangent[m]), Double(tangent[v]))
          let difference =
            curvature == .hessian ? Double(outputs[m]) - Double(values[n * half + d]) : 0
          // The Fisher matrix is the mean over targets: of difference 0 and of its square v.
          let square = curvature == .hessian ? difference * difference : variance
          let square2 = variance * variance
          product[m] = Float((a / variance - difference * b / square2) * scale)
          product[v] = Float(
            (-difference * a / square2 + (square / variance - 0.5) / square2 * b) * scale)
        }
      }
    default: preconditionFailure("the loss does not suit the targets")
    }
  }
}
