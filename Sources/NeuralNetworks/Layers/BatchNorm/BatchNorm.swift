import COneDNN

extension Layer.Kind {
  /// BatchNorm over N, H, W: weight γ, bias β, running_mean, running_var, each [C].
  public static let batchNorm = Self(word: "batch-norm")
}

/// y = γ (x − mean) / √(variance + ε) + β over N, H, W, with the ReLU after it in the same pass.
///
/// With batch statistics the mean and biased variance are the batch's own; running statistics are
/// the caller's, from `Plan.statistics` (Ioffe & Szegedy 2015).
struct BatchNorm: LayerType {
  static let kind = Layer.Kind.batchNorm
  let outputShape: [Int]
  let epsilon: Double
  /// running ← (1−momentum)·running + momentum·batch.
  let momentum: Double
  private var channels: [Int] { [outputShape[0]] }
  var parameters: [LayerTensor] {
    [
      LayerTensor("weight", channels, .scale, .constant(1)),
      LayerTensor("bias", channels, .shift, .constant(0)),
    ]
  }
  var statistics: [LayerTensor] {
    [
      LayerTensor("running_mean", channels, .runningMean, .constant(0)),
      LayerTensor("running_var", channels, .runningVariance, .constant(1)),
    ]
  }

  init(_ layer: Layer, inputs: [[Int]]) throws {
    momentum = layer.momentum ?? 0.1
    epsilon = layer.epsilon ?? 1e-5
    guard (0...1).contains(momentum) else {
      throw layer.error("\"momentum\" must be from 0 to 1, not \(momentum)")
    }
    guard epsilon > 0 && epsilon < .infinity else {
      throw layer.error("\"epsilon\" must be positive, not \(epsilon)")
    }
    outputShape = try layer.onlyImage(inputs)
  }

  func forward(_ i: Int, in plan: inout PlanBuilder) throws {
    let node = plan.network.nodes[i]
    let input = node.inputs[0]
    let isExact = plan.options.contains(.exactStatistics)
    let source =
      isExact || plan.options.contains(.tangent)
      ? try plan.readable(plan.value(input)) : plan.value(input)
    let layout = source.layout
    let relu = plan.soleConsumer(i, .relu)
    let ownStatistics = plan.options.contains(.batchStatistics)
    let primitive = try Primitive.batchNormalization(
      training: ownStatistics && !isExact || plan.options.contains(.backward),
      statistics: ownStatistics && !isExact, layout, epsilon: epsilon, relu: relu != nil)

    let scale = try plan.parameter(i, "weight")
    let shift = try plan.parameter(i, "bias")
    let mean: Memory
    let variance: Memory
    if ownStatistics {
      let vector = try Layout(channels, ODNN_ROW_MAJOR)
      mean = try Memory(vector, Buffer(byteCount: vector.byteCount))
      variance = try Memory(vector, Buffer(byteCount: vector.byteCount))
      let exact = isExact ? ExactStatistics(Grid(layout)!) : nil
      if let exact {
        plan.forward.append(
          .custom { unsafe exact.measure(source, mean: mean, variance: variance) })
      }
      plan.statistics.append(
        BatchStatistics(
          mean: mean, variance: variance, exact: exact,
          meanRange: plan.network.bufferLayout["\(node.layer.name).running_mean"]!.range,
          varianceRange: plan.network.bufferLayout["\(node.layer.name).running_var"]!.range,
          momentum: momentum, count: plan.batchSize * outputShape[1] * outputShape[2]))
    } else {
      mean = try plan.statistic(i, "running_mean")
      variance = try plan.statistic(i, "running_var")
    }
    let result = try plan.newMemory(layout)
    var arguments = [
      (ODNN_SRC, source), (ODNN_DST, result), (ODNN_SCALE, scale), (ODNN_SHIFT, shift),
      (ODNN_MEAN, mean), (ODNN_VARIANCE, variance),
    ]
    var workspace: Memory?
    if let wanted = primitive.layout(ODNN_WORKSPACE, shape: []) {
      workspace = try Memory(wanted, Buffer(byteCount: wanted.byteCount))
      arguments.append((ODNN_WORKSPACE, workspace!))
    }
    try plan.run(primitive, arguments, in: .forward)
    plan.setValue(i, result)
    if let relu {
      plan.absorb(relu, result)
      plan.passOn(relu)
    }
    if plan.options.contains(.tangent) {
      let pass = NormTangent(
        grid: Grid(layout)!, ownStatistics: ownStatistics, epsilon: epsilon, x: source,
        mask: relu == nil ? nil : result, mean: mean, variance: variance, node: i, plan)
      plan.onTangent(i) { b in b.setTangent(i, try pass.forward(b.tangent(input), &b)) }
      plan.onSecondOrder(i) { b, g, second in
        let (dx, rdx) = try pass.backward(b.tangent(input), g, second, &b)
        guard b.needsGradient[input] else {
          for memory in [dx, rdx] { b.pool.give(memory.buffer!) }
          return
        }
        try b.contribute(input, dx)
        try b.contribute(input, rdx, .tangent)
      }
    }
    plan.onBackward(i) { b, gradient in
      let backward = try Primitive.batchNormalizationBackward(
        statistics: ownStatistics, layout, epsilon: epsilon, relu: relu != nil, forward: primitive)
      let g = try b.reordered(gradient, layout, in: .backward)
      let dx = try b.newMemory(layout)
      var arguments = [
        (ODNN_SRC, source), (ODNN_DIFF_DST, g), (ODNN_DIFF_SRC, dx), (ODNN_SCALE, scale),
        (ODNN_SHIFT, shift), (ODNN_MEAN, mean), (ODNN_VARIANCE, variance),
        (ODNN_DIFF_SCALE, try b.parameterGradient(i, "weight")),
        (ODNN_DIFF_SHIFT, try b.parameterGradient(i, "bias")),
      ]
      if let workspace { arguments.append((ODNN_WORKSPACE, workspace)) }
      try b.run(backward, arguments, in: .backward)
      if g !== gradient { b.pool.give(g.buffer!) }
      if b.needsGradient[input] {
        try b.contribute(input, dx)
      } else {
        b.pool.give(dx.buffer!)
      }
    }
  }
}
