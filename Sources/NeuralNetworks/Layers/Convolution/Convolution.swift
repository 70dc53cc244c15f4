import COneDNN
import WeightSpace

extension Layer.Kind {
  /// Two-dimensional cross-correlation, weight [O, I, k, k], bias [O].
  public static let convolution = Self(word: "convolution")
}

/// y = w ⋆ x + b, with what follows it done in the same pass over memory where that is possible:
/// ReLU, the addition of a residual connection, and in prediction a BatchNorm folded into w and b.
///
/// Which of oneDNN's kernels compute it is in `Convolution+Kernels.swift`.
struct Convolution: LayerType {
  static let kind = Layer.Kind.convolution
  let weightShape: [Int]
  let window: Window
  let hasBias: Bool
  let initialization: Layer.Initialization
  let outputShape: [Int]
  var parameters: [LayerTensor] {
    let weight = LayerTensor("weight", weightShape, .weight, initialization.weight(weightShape))
    let bias = LayerTensor(
      "bias", [weightShape[0]], .bias, initialization.bias(weight: weightShape))
    return hasBias ? [weight, bias] : [weight]
  }

  init(_ layer: Layer, inputs: [[Int]]) throws {
    let image = try layer.onlyImage(inputs)
    let channels = try layer.outputCount()
    let kernel = try layer.kernelSize()
    let (stride, padding) = (layer.stride ?? 1, layer.padding ?? 0)
    outputShape =
      [channels] + (try layer.sides(of: image, kernel: kernel, stride: stride, padding: padding))
    weightShape = [channels, image[0], kernel, kernel]
    window = Window(stride: stride, padding: padding, kernel: (kernel, kernel))
    hasBias = layer.bias ?? true
    initialization = layer.initialization ?? .uniformFanIn
  }

  func forward(_ i: Int, in plan: inout PlanBuilder) throws {
    let source = plan.value(plan.network.nodes[i].inputs[0])
    let weights = try plan.parameter(i, "weight")
    let bias = hasBias ? try plan.parameter(i, "bias") : nil
    var folded = (weights, bias)
    var last = i
    if plan.options.isDisjoint(with: [.batchStatistics, .backward]),
      let norm = plan.soleConsumer(i, .batchNorm)
    {
      let batchNorm = plan.network.nodes[norm].type as! BatchNorm
      folded = try batchNorm.fold(norm, into: i, weights, bias, in: &plan)
      last = norm
    }
    let (result, kept) = try convolve(
      source, folded.0, bias: folded.1, fusion(from: i, last: last, in: plan), in: .forward, &plan)
    plan.setValue(i, result)
    if last != i { plan.absorb(last, result) }
    if let sum = kept.add { plan.absorb(sum, result) }
    if let relu = kept.relu { plan.absorb(relu, result) }

    if let sum = kept.add {
      plan.addTangents(sum)
      plan.addGradients(sum)
    }
    if let relu = kept.relu {
      plan.onTangent(relu) { b in
        try b.activationTangent(relu, ODNN_RELU, result: result, of: i)
      }
      plan.onLinearBackward(relu) { b, g, lane in
        try b.contribute(i, b.activationGradient(ODNN_RELU, result: result, g), lane)
      }
    }
    let input = plan.network.nodes[i].inputs[0]
    plan.onTangent(i) { b in
      // R{y} = V ⋆ x + R{b} + w ⋆ R{x}
      let v = try b.direction(i, "weight")
      let vBias = hasBias ? try b.direction(i, "bias") : nil
      let part = try convolve(source, v, bias: vBias, Fusion(), in: .tangent, &b).0
      guard let tangent = b.tangent(input) else { return b.setTangent(i, part) }
      let sum = Fusion(addend: part, accumulate: true)
      let whole = try convolve(tangent, weights, bias: nil, sum, in: .tangent, &b).0
      b.pool.give(part.buffer!)
      b.setTangent(i, whole)
    }
    plan.onBackward(i) { b, gradient in
      try b.tap(i, source, gradient, window: window)
      try weightGradient(
        source, gradient, into: b.parameterGradient(i, "weight"),
        bias: hasBias ? b.parameterGradient(i, "bias") : nil, &b)
      guard b.needsGradient[input] else { return }
      try b.contribute(input, dataGradient(weights, gradient, source.layout, &b))
    }
    plan.onSecondOrder(i) { b, g, second in
      // R{w̄} = x ⋆ R{ȳ} + R{x} ⋆ ȳ
      let target = try b.parameterGradient(i, "weight")
      try weightGradient(
        source, second, into: target, bias: hasBias ? b.parameterGradient(i, "bias") : nil, &b)
      guard let tangent = b.tangent(input) else { return }
      try b.adding(to: target) { b, part in
        try weightGradient(tangent, g, into: part, bias: nil, &b)
      }
      // R{x̄} = wᵀ R{ȳ} + Vᵀ ȳ
      try b.contribute(input, dataGradient(weights, g, source.layout, &b))
      try b.contribute(input, dataGradient(weights, second, source.layout, &b), .tangent)
      let v = try b.direction(i, "weight")
      try b.contribute(input, dataGradient(v, g, source.layout, &b), .tangent)
    }
  }

  /// What may be done in the same pass as a convolution.
  struct Fusion {
    var relu: Int?
    var add: Int?
    var addend: Memory?
    var accumulate = false
  }

  private func fusion(from i: Int, last: Int, in plan: PlanBuilder) -> Fusion {
    var fusion = Fusion()
    if let relu = plan.soleConsumer(last, .relu) {
      fusion.relu = relu
    } else if last == i, let sum = plan.soleConsumer(i, .add),
      plan.network.nodes[sum].inputs.count == 2
    {
      let inputs = plan.network.nodes[sum].inputs
      let other = inputs[0] == i ? inputs[1] : inputs[0]
      if other != i, other > 0, let memory = plan.values[other] {
        fusion.add = sum
        fusion.addend = memory
        fusion.accumulate =
          !plan.options.contains(.backward)
          && plan.isLastReader(of: other, before: i, except: sum)
      }
    }
    return fusion
  }
}
