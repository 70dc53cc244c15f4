import COneDNN

extension BatchNorm {
  /// The convolution before a BatchNorm with the normalisation folded in, for prediction:
  /// w′ = w γ/√(v+ε) per output channel, b′ = (b − mean) γ/√(v+ε) + β, computed in Double whenever
  /// weights are prepared.
  func fold(
    _ norm: Int, into convolution: Int, _ weight: Memory, _ bias: Memory?,
    in plan: inout PlanBuilder
  ) throws -> (Memory, Memory) {
    let epsilon = epsilon
    let channels = weight.layout.shape[0]
    let size = weight.layout.shape.dropFirst().reduce(1, *)
    let weightOffset = plan.offset(convolution, "weight")
    let biasOffset = bias == nil ? nil : Optional(plan.offset(convolution, "bias"))
    let scale = plan.offset(norm, "weight")
    let shift = plan.offset(norm, "bias")
    let name = plan.network.nodes[norm].layer.name
    let mean = plan.network.bufferLayout["\(name).running_mean"]!.range.lowerBound
    let variance = plan.network.bufferLayout["\(name).running_var"]!.range.lowerBound

    let folded = Buffer(byteCount: channels * size * 4)
    let foldedBias = Buffer(byteCount: channels * 4)
    let vectors = plan.vectors
    plan.prepare.append(
      .custom {
        guard let weights = unsafe vectors.weights, let statistics = unsafe vectors.statistics
        else { return }
        let w = unsafe folded.floats(channels * size)
        let b = unsafe foldedBias.floats(channels)
        for c in 0..<channels {
          let factor =
            unsafe Double(weights[scale + c])
            / (Double(statistics[variance + c]) + epsilon).squareRoot()
          let old = biasOffset.map { unsafe Double(weights[$0 + c]) } ?? 0
          unsafe b[c] = Float(
            (old - Double(statistics[mean + c])) * factor + Double(weights[shift + c]))
          let from = weightOffset + c * size
          for k in 0..<size {
            unsafe w[c * size + k] = Float(Double(weights[from + k]) * factor)
          }
        }
      })
    return (
      try Memory(Layout(weight.layout.shape, ODNN_ROW_MAJOR), folded),
      try Memory(Layout([channels], ODNN_ROW_MAJOR), foldedBias)
    )
  }
}
