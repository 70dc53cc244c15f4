import COneDNN

/// y = W x + b. W stays in its plain order: a matrix product takes either orientation, so nothing
/// is ever reordered.
extension PlanBuilder {
  mutating func dense(_ i: Int) throws {
    let node = network.nodes[i]
    let name = node.layer.name
    let shape = [node.shape[0], node.inputShape[0]]
    let hasBias = node.layer.bias ?? true
    let source = value(node.inputs[0])
    let relu = soleConsumer(i, .relu)
    let weights = try parameter("\(name).weight", shape: shape)
    let bias = hasBias ? try parameter("\(name).bias", shape: [shape[0]]) : nil
    let resultLayout = try activationLayout(node.shape)
    let primitive = try Primitive.dense(
      training: training, source.layout, weights.layout, bias: bias?.layout, resultLayout,
      Epilogue(relu: relu != nil))
    let result = try newMemory(resultLayout)
    var arguments = [(ODNN_SRC, source), (ODNN_WEIGHTS, weights), (ODNN_DST, result)]
    if let bias { arguments.append((ODNN_BIAS, bias)) }
    try run(primitive, arguments, in: .forward)
    setValue(i, result)
    if let relu {
      absorb(relu, result)
      onBackward(relu) { b, g in
        try b.contribute(i, b.activationGradient(ODNN_RELU, result: result, g))
      }
    }
    onBackward(i) { b, gradient in
      let weightPass = try Primitive.denseBackwardWeights(
        source.layout, weights.layout, bias: bias?.layout, gradient.layout)
      var arguments = [
        (ODNN_SRC, source), (ODNN_DIFF_DST, gradient),
        (ODNN_DIFF_WEIGHTS, try b.parameterGradient("\(name).weight", shape: shape)),
      ]
      if hasBias {
        arguments.append(
          (ODNN_DIFF_BIAS, try b.parameterGradient("\(name).bias", shape: [shape[0]])))
      }
      try b.run(weightPass, arguments, in: .backward)
      guard b.needsGradient[node.inputs[0]] else { return }
      let dx = try b.newMemory(source.layout)
      try b.run(
        Primitive.denseBackwardData(source.layout, weights.layout, gradient.layout),
        [(ODNN_DIFF_DST, gradient), (ODNN_WEIGHTS, weights), (ODNN_DIFF_SRC, dx)],
        in: .backward)
      try b.contribute(node.inputs[0], dx)
    }
  }
}
