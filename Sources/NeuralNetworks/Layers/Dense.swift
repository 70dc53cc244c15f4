import COneDNN

extension Layer.Kind {
  /// y = W x + b, weight [O, I], bias [O].
  public static let dense = Self(word: "dense")
}

/// y = W x + b. W stays in its plain order: a matrix product takes either orientation, so nothing
/// is ever reordered.
struct Dense: LayerType {
  static let kind = Layer.Kind.dense
  let weightShape: [Int]
  let hasBias: Bool
  let initialization: Layer.Initialization
  var outputShape: [Int] { [weightShape[0]] }
  var parameters: [LayerTensor] {
    let weight = LayerTensor("weight", weightShape, .weight, initialization.weight(weightShape))
    let bias = LayerTensor("bias", outputShape, .bias, initialization.bias(weight: weightShape))
    return hasBias ? [weight, bias] : [weight]
  }

  init(_ layer: Layer, inputs: [[Int]]) throws {
    let shape = try layer.onlyInput(inputs)
    guard shape.count == 1 else {
      throw layer.error(
        "reads [features], but its input has shape \(shape); put a flatten before it")
    }
    weightShape = [try layer.outputCount(), shape[0]]
    hasBias = layer.bias ?? true
    initialization = layer.initialization ?? .uniformFanIn
  }

  func forward(_ i: Int, in plan: inout PlanBuilder) throws {
    let input = plan.network.nodes[i].inputs[0]
    let source = plan.value(input)
    let relu = plan.soleConsumer(i, .relu)
    let weights = try plan.parameter(i, "weight")
    let bias = hasBias ? try plan.parameter(i, "bias") : nil
    let resultLayout = try plan.activationLayout(outputShape)
    let primitive = try Primitive.dense(
      training: plan.options.contains(.backward), source.layout, weights.layout,
      bias: bias?.layout, resultLayout, Epilogue(relu: relu != nil))
    let result = try plan.newMemory(resultLayout)
    var arguments = [(ODNN_SRC, source), (ODNN_WEIGHTS, weights), (ODNN_DST, result)]
    if let bias { arguments.append((ODNN_BIAS, bias)) }
    try plan.run(primitive, arguments, in: .forward)
    plan.setValue(i, result)
    if let relu {
      plan.absorb(relu, result)
      plan.onBackward(relu) { b, g in
        try b.contribute(i, b.activationGradient(ODNN_RELU, result: result, g))
      }
    }
    plan.onBackward(i) { b, gradient in
      let weightPass = try Primitive.denseBackwardWeights(
        source.layout, weights.layout, bias: bias?.layout, gradient.layout)
      var arguments = [
        (ODNN_SRC, source), (ODNN_DIFF_DST, gradient),
        (ODNN_DIFF_WEIGHTS, try b.parameterGradient(i, "weight")),
      ]
      if hasBias { arguments.append((ODNN_DIFF_BIAS, try b.parameterGradient(i, "bias"))) }
      try b.run(weightPass, arguments, in: .backward)
      guard b.needsGradient[input] else { return }
      let dx = try b.newMemory(source.layout)
      try b.run(
        Primitive.denseBackwardData(source.layout, weights.layout, gradient.layout),
        [(ODNN_DIFF_DST, gradient), (ODNN_WEIGHTS, weights), (ODNN_DIFF_SRC, dx)],
        in: .backward)
      try b.contribute(input, dx)
    }
  }
}
