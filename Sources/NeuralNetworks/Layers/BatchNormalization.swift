import COneDNN

/// y = γ (x − mean) / √(variance + ε) + β over N, H, W, with the ReLU after it in the same pass.
///
/// Training uses the batch's mean and biased variance; running statistics are the caller's, from
/// `Plan.statistics`.
extension PlanBuilder {
  mutating func batchNormalization(_ i: Int) throws {
    let node = network.nodes[i]
    let name = node.layer.name
    let epsilon = node.layer.epsilon ?? 1e-5
    let channels = [node.shape[0]]
    let source = value(node.inputs[0])
    let layout = source.layout
    let relu = soleConsumer(i, .relu)
    let primitive = try Primitive.batchNormalization(
      training: usesBatchStatistics, layout, epsilon: epsilon, relu: relu != nil)

    let scale = try parameter("\(name).weight", shape: channels)
    let shift = try parameter("\(name).bias", shape: channels)
    let mean: Memory
    let variance: Memory
    if usesBatchStatistics {
      let vector = try Layout(channels, ODNN_ROW_MAJOR)
      mean = try Memory(vector, Buffer(byteCount: vector.byteCount))
      variance = try Memory(vector, Buffer(byteCount: vector.byteCount))
      statistics.append(
        BatchStatistics(
          mean: mean, variance: variance,
          meanRange: network.bufferLayout["\(name).running_mean"]!.range,
          varianceRange: network.bufferLayout["\(name).running_var"]!.range,
          momentum: node.layer.momentum ?? 0.1,
          count: batchSize * node.shape[1] * node.shape[2]))
    } else {
      mean = try statistic("\(name).running_mean", shape: channels)
      variance = try statistic("\(name).running_var", shape: channels)
    }
    let result = try newMemory(layout)
    var arguments = [
      (ODNN_SRC, source), (ODNN_DST, result), (ODNN_SCALE, scale), (ODNN_SHIFT, shift),
      (ODNN_MEAN, mean), (ODNN_VARIANCE, variance),
    ]
    var workspace: Memory?
    if let wanted = primitive.layout(ODNN_WORKSPACE, shape: []) {
      workspace = try Memory(wanted, Buffer(byteCount: wanted.byteCount))
      arguments.append((ODNN_WORKSPACE, workspace!))
    }
    try run(primitive, arguments, in: .forward)
    setValue(i, result)
    if let relu {
      absorb(relu, result)
      onBackward(relu) { b, g in try b.contribute(i, b.share(g)) }
    }
    onBackward(i) { b, gradient in
      let backward = try Primitive.batchNormalizationBackward(
        layout, epsilon: epsilon, relu: relu != nil, forward: primitive)
      let g = try b.reordered(gradient, layout, in: .backward)
      let dx = try b.newMemory(layout)
      var arguments = [
        (ODNN_SRC, source), (ODNN_DIFF_DST, g), (ODNN_DIFF_SRC, dx), (ODNN_SCALE, scale),
        (ODNN_SHIFT, shift), (ODNN_MEAN, mean), (ODNN_VARIANCE, variance),
        (ODNN_DIFF_SCALE, try b.parameterGradient("\(name).weight", shape: channels)),
        (ODNN_DIFF_SHIFT, try b.parameterGradient("\(name).bias", shape: channels)),
      ]
      if let workspace { arguments.append((ODNN_WORKSPACE, workspace)) }
      try b.run(backward, arguments, in: .backward)
      if g !== gradient { b.pool.give(g.buffer!) }
      if b.needsGradient[node.inputs[0]] {
        try b.contribute(node.inputs[0], dx)
      } else {
        b.pool.give(dx.buffer!)
      }
    }
  }

  /// The convolution before a BatchNorm with the normalisation folded in, for prediction:
  /// w′ = w γ/√(v+ε) per output channel, b′ = (b − mean) γ/√(v+ε) + β, computed in Double whenever
  /// weights are prepared.
  mutating func foldBatchNorm(_ norm: Int, into weight: Memory, _ bias: Memory?) throws -> (
    Memory, Memory
  ) {
    let layer = network.nodes[norm].layer
    let epsilon = layer.epsilon ?? 1e-5
    let channels = weight.layout.shape[0]
    let size = weight.layout.shape.dropFirst().reduce(1, *)
    let convolution = network.nodes[network.nodes[norm].inputs[0]].layer.name
    func offset(_ name: String) -> Int { network.parameterLayout[name]!.range.lowerBound }
    let weightOffset = offset("\(convolution).weight")
    let biasOffset = bias == nil ? nil : Optional(offset("\(convolution).bias"))
    let scale = offset("\(layer.name).weight")
    let shift = offset("\(layer.name).bias")
    let mean = network.bufferLayout["\(layer.name).running_mean"]!.range.lowerBound
    let variance = network.bufferLayout["\(layer.name).running_var"]!.range.lowerBound

    let folded = Buffer(byteCount: channels * size * 4)
    let foldedBias = Buffer(byteCount: channels * 4)
    let vectors = vectors
    prepare.append(
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
