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
      plan.onTangent(relu) { b in
        try b.activationTangent(relu, ODNN_RELU, result: result, of: i)
      }
      plan.onLinearBackward(relu) { b, g, lane in
        try b.contribute(i, b.activationGradient(ODNN_RELU, result: result, g), lane)
      }
    }
    plan.onTangent(i) { b in
      // R{y} = V x + R{b} + W R{x}
      let v = try b.direction(i, "weight")
      let target = try b.newMemory(resultLayout)
      try product(source, v, bias: hasBias ? b.direction(i, "bias") : nil, target, &b)
      if let tangent = b.tangent(input) {
        try product(tangent, weights, bias: nil, target, accumulate: true, &b)
      }
      b.setTangent(i, target)
    }
    plan.onBackward(i) { b, gradient in
      try b.tap(i, source, gradient)
      try weightGradient(
        source, gradient, into: b.parameterGradient(i, "weight"),
        bias: hasBias ? b.parameterGradient(i, "bias") : nil, &b)
      guard b.needsGradient[input] else { return }
      try b.contribute(input, dataGradient(weights, gradient, source.layout, &b))
    }
    plan.onSecondOrder(i) { b, g, second in
      // R{W̄} = R{ȳ} xᵀ + ȳ R{x}ᵀ
      let target = try b.parameterGradient(i, "weight")
      try weightGradient(
        source, second, into: target, bias: hasBias ? b.parameterGradient(i, "bias") : nil, &b)
      guard let tangent = b.tangent(input) else { return }
      try b.adding(to: target) { b, part in
        try weightGradient(tangent, g, into: part, bias: nil, &b)
      }
      // R{x̄} = Wᵀ R{ȳ} + Vᵀ ȳ
      try b.contribute(input, dataGradient(weights, g, source.layout, &b))
      try b.contribute(input, dataGradient(weights, second, source.layout, &b), .tangent)
      let v = try b.direction(i, "weight")
      try b.contribute(input, dataGradient(v, g, source.layout, &b), .tangent)
    }
  }

  private func product(
    _ source: Memory, _ weights: Memory, bias: Memory?, _ target: Memory, accumulate: Bool = false,
    _ plan: inout PlanBuilder
  ) throws {
    var arguments = [(ODNN_SRC, source), (ODNN_WEIGHTS, weights), (ODNN_DST, target)]
    if let bias { arguments.append((ODNN_BIAS, bias)) }
    try plan.run(
      Primitive.dense(
        training: true, source.layout, weights.layout, bias: bias?.layout, target.layout,
        Epilogue(accumulate: accumulate)), arguments, in: .tangent)
  }

  private func weightGradient(
    _ source: Memory, _ gradient: Memory, into target: Memory, bias: Memory?,
    _ plan: inout PlanBuilder
  ) throws {
    var arguments = [(ODNN_SRC, source), (ODNN_DIFF_DST, gradient), (ODNN_DIFF_WEIGHTS, target)]
    if let bias { arguments.append((ODNN_DIFF_BIAS, bias)) }
    try plan.run(
      Primitive.denseBackwardWeights(
        source.layout, target.layout, bias: bias?.layout, gradient.layout), arguments,
      in: .backward)
  }

  private func dataGradient(
    _ weights: Memory, _ gradient: Memory, _ source: Layout, _ plan: inout PlanBuilder
  ) throws -> Memory {
    let dx = try plan.newMemory(source)
    try plan.run(
      Primitive.denseBackwardData(source, weights.layout, gradient.layout),
      [(ODNN_DIFF_DST, gradient), (ODNN_WEIGHTS, weights), (ODNN_DIFF_SRC, dx)], in: .backward)
    return dx
  }
}

extension PlanBuilder {
  /// Adds what `compute` leaves in a tensor of the same shape to a tensor of the flat gradient.
  mutating func adding(
    to target: Memory, _ compute: (inout PlanBuilder, Memory) throws -> Void
  ) throws {
    let part = try newMemory(target.layout)
    try compute(&self, part)
    try run(
      Primitive.binary(ODNN_ADD, target.layout),
      [(ODNN_SRC, target), (ODNN_SRC_1, part), (ODNN_DST, target)], in: .backward)
    pool.give(part.buffer!)
  }
}
