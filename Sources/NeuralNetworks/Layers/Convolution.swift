import COneDNN
import WeightSpace

/// y = w ⋆ x + b, with what follows it done in the same pass over memory where that is possible:
/// ReLU, the addition of a residual connection, and in inference a BatchNorm folded into w and b.
extension PlanBuilder {
  mutating func convolution(_ i: Int) throws {
    let node = network.nodes[i]
    let layer = node.layer
    let kernel = layer.kernel!
    let window = Window(
      stride: layer.stride ?? 1, padding: layer.padding ?? 0, kernel: (kernel, kernel))
    let shape = [node.shape[0], node.inputShape[0], kernel, kernel]
    let hasBias = layer.bias ?? true
    let source = value(node.inputs[0])
    let anyWeights = try Layout(shape, ODNN_ANY)
    let biasLayout = try Layout([shape[0]], ODNN_ROW_MAJOR)

    var plain = try parameter("\(layer.name).weight", shape: shape)
    var bias = hasBias ? try parameter("\(layer.name).bias", shape: [shape[0]]) : nil
    var last = i
    if !usesBatchStatistics, let norm = soleConsumer(i, .batchNorm) {
      (plain, bias) = try foldBatchNorm(norm, into: plain, bias)
      last = norm
    }
    let fusion = self.fusion(from: i, last: last)
    let (primitive, kept) = try chooseConvolution(
      source.layout, anyWeights, bias == nil ? nil : biasLayout, node.shape, window, fusion)

    let sourceLayout = primitive.layout(ODNN_SRC, shape: source.layout.shape)!
    let written = primitive.layout(ODNN_DST, shape: [batchSize] + node.shape)!
    let read = try reordered(source, sourceLayout, in: .forward)
    let own = try activationLayout(node.shape)
    let result =
      kept.accumulate
      ? share(kept.addend!) : try newMemory(written.hasBytes(of: own) ? own : written)
    let weights = try packed(plain, primitive.layout(ODNN_WEIGHTS, shape: shape)!)
    var arguments = [
      (ODNN_SRC, read), (ODNN_WEIGHTS, weights), (ODNN_DST, try seen(result, as: written)),
    ]
    if let bias { arguments.append((ODNN_BIAS, bias)) }
    if let addend = kept.addend, !kept.accumulate {
      arguments.append((ODNN_ADDEND, try seen(addend, as: written)))
    }
    try run(primitive, arguments, in: .forward)
    if read !== source { pool.give(read.buffer!) }
    setValue(i, result)
    if last != i { absorb(last, result) }
    if let sum = kept.add { absorb(sum, result) }
    if let relu = kept.relu { absorb(relu, result) }

    if let sum = kept.add { onBackward(sum) { b, g in try b.spreadGradient(of: sum, g) } }
    if let relu = kept.relu {
      onBackward(relu) { b, g in
        try b.contribute(i, b.activationGradient(ODNN_RELU, result: result, g))
      }
    }
    onBackward(i) { b, g in
      try b.convolutionBackward(i, source: source, plain: plain, window: window, g)
    }
  }

  /// What may be done in the same pass as a convolution.
  private struct Fusion {
    var relu: Int?
    var add: Int?
    var addend: Memory?
    var accumulate = false
  }

  private func fusion(from i: Int, last: Int) -> Fusion {
    var fusion = Fusion()
    if let relu = soleConsumer(last, .relu) {
      fusion.relu = relu
    } else if last == i, let sum = soleConsumer(i, .add), network.nodes[sum].inputs.count == 2 {
      let inputs = network.nodes[sum].inputs
      let other = inputs[0] == i ? inputs[1] : inputs[0]
      if other != i, other > 0, let memory = values[other] {
        fusion.add = sum
        fusion.addend = memory
        fusion.accumulate = !training && isLastReader(of: other, before: i, except: sum)
      }
    }
    return fusion
  }

  /// The first of the possible primitives that is fast, else one that is not oneDNN's reference
  /// implementation: fused before unfused, the plan's own layout before others.
  private func chooseConvolution(
    _ source: Layout, _ weights: Layout, _ bias: Layout?, _ shape: [Int], _ window: Window,
    _ fusion: Fusion
  ) throws -> (Primitive, Fusion) {
    let own = try activationLayout(shape)
    let any = (try Layout(source.shape, ODNN_ANY), try Layout(own.shape, ODNN_ANY))
    let ownSource = try Layout(source.shape, preferred)
    let plain = (try Layout(source.shape, ODNN_ROW_MAJOR), try Layout(own.shape, ODNN_ROW_MAJOR))
    let pairs =
      try twins(source, own) + [(source, own), (ownSource, own), (any.0, own), any, plain]
    var slow: (Primitive, Fusion)?
    for window in algorithms(window, weights) {
      for fusion in fusion.add == nil ? [fusion] : [fusion, Fusion()] {
        for (from, to) in pairs {
          if let addend = fusion.addend, try !addend.layout.hasBytes(of: to) { continue }
          let epilogue = Epilogue(
            relu: fusion.relu != nil, addend: fusion.accumulate ? nil : fusion.addend?.layout,
            accumulate: fusion.accumulate)
          guard
            let primitive = try? Primitive.convolution(
              training: training, from, weights, bias: bias, to, window, epilogue)
          else { continue }
          if primitive.isFast(for: window) { return (primitive, fusion) }
          if slow.map({ $0.0.isReference && !primitive.isReference }) ?? true {
            slow = (primitive, fusion)
          }
        }
      }
    }
    guard let slow else { throw NetworkError("oneDNN has no convolution for shape \(shape)") }
    return slow
  }

  /// The layouts of source and result as channels last where that means the same bytes: oneDNN's
  /// kernels for that order are faster by a fifth for 16 channels on AVX-512.
  private func twins(_ source: Layout, _ result: Layout) throws -> [(Layout, Layout)] {
    let pair = (
      try Layout(source.shape, ODNN_CHANNELS_LAST), try Layout(result.shape, ODNN_CHANNELS_LAST)
    )
    guard preferred == ODNN_BLOCKED, try source.hasBytes(of: pair.0),
      try result.hasBytes(of: pair.1)
    else { return [] }
    return [pair]
  }

  /// The ways to compute a convolution, best first: Winograd's algorithm F(4×4, 3×3), where oneDNN
  /// has it (its second generation, with AVX-512), takes 0.4 to 0.6 of the time from 32 channels on,
  /// and its results differ from the direct sum's by less than 10⁻⁵ of the largest. It pays
  /// in the plan's own layout only.
  private func algorithms(_ window: Window, _ weights: Layout) -> [Window] {
    let shape = weights.shape
    guard preferred == ODNN_BLOCKED, min(shape[0], shape[1]) >= 32, shape[2] == 3,
      window.stride == 1
    else { return [window] }
    var winograd = window
    winograd.winograd = true
    return [winograd, window]
  }

  private mutating func convolutionBackward(
    _ i: Int, source: Memory, plain: Memory, window: Window, _ gradient: Memory
  ) throws {
    let node = network.nodes[i]
    let layouts = try gradientLayouts(source.layout, gradient.layout)
    try convolutionWeightGradient(i, source, plain, window, gradient, layouts)
    let input = node.inputs[0]
    guard needsGradient[input] else { return }
    let shape = plain.layout.shape
    let any = try Layout(shape, ODNN_ANY)
    let dataPass = try firstFast(layouts, algorithms(window, any)) {
      try Primitive.convolutionBackwardData($0, any, $1, $2)
    }
    let g = try reordered(
      gradient, dataPass.layout(ODNN_DIFF_DST, shape: gradient.layout.shape)!, in: .backward)
    let result = try newMemory(dataPass.layout(ODNN_DIFF_SRC, shape: source.layout.shape)!)
    try run(
      dataPass,
      [
        (ODNN_DIFF_DST, g),
        (ODNN_WEIGHTS, packed(plain, dataPass.layout(ODNN_WEIGHTS, shape: shape)!)),
        (ODNN_DIFF_SRC, result),
      ], in: .backward)
    if g !== gradient { pool.give(g.buffer!) }
    try contribute(input, result)
  }

  private mutating func convolutionWeightGradient(
    _ i: Int, _ source: Memory, _ plain: Memory, _ window: Window, _ gradient: Memory,
    _ layouts: [(Layout, Layout)]
  ) throws {
    let layer = network.nodes[i].layer
    let shape = plain.layout.shape
    let any = try Layout(shape, ODNN_ANY)
    let hasBias = layer.bias ?? true
    let bias = hasBias ? try Layout([shape[0]], ODNN_ROW_MAJOR) : nil
    let target = try parameterGradient("\(layer.name).weight", shape: shape)
    let biasTarget =
      hasBias ? try parameterGradient("\(layer.name).bias", shape: [shape[0]]) : nil
    let weightPass = try firstFast(layouts, algorithms(window, any)) {
      try Primitive.convolutionBackwardWeights($0, any, bias: bias, $1, $2)
    }
    if weightPass.implementation.contains("gemm"), window.stride == 1,
      try transposedWeightGradient(source, target, biasTarget, window, gradient)
    {
      return
    }
    let packedLayout = weightPass.layout(ODNN_DIFF_WEIGHTS, shape: shape)!
    let direct = packedLayout == target.layout
    let packedGradient = direct ? target : try newMemory(packedLayout)
    let x = try reordered(
      source, weightPass.layout(ODNN_SRC, shape: source.layout.shape)!, in: .backward)
    let g = try reordered(
      gradient, weightPass.layout(ODNN_DIFF_DST, shape: gradient.layout.shape)!, in: .backward)
    var arguments = [(ODNN_SRC, x), (ODNN_DIFF_DST, g), (ODNN_DIFF_WEIGHTS, packedGradient)]
    if let biasTarget { arguments.append((ODNN_DIFF_BIAS, biasTarget)) }
    try run(weightPass, arguments, in: .backward)
    if !direct {
      try run(
        Primitive.reorder(packedLayout, target.layout),
        [(ODNN_SRC, packedGradient), (ODNN_DST, target)], in: .backward)
      pool.give(packedGradient.buffer!)
    }
    if x !== source { pool.give(x.buffer!) }
    if g !== gradient { pool.give(g.buffer!) }
  }

  /// Pairs of layouts (source, result) to try for a backward pass, best first.
  private func gradientLayouts(_ source: Layout, _ result: Layout) throws -> [(Layout, Layout)] {
    func both(_ format: odnn_format) throws -> (Layout, Layout) {
      (try Layout(source.shape, format), try Layout(result.shape, format))
    }
    return try twins(source, result) + [
      (source, result), (try Layout(source.shape, preferred), result), try both(ODNN_ANY),
      try both(ODNN_CHANNELS_LAST), try both(ODNN_ROW_MAJOR),
    ]
  }

  private func firstFast(
    _ layouts: [(Layout, Layout)], _ algorithms: [Window],
    _ create: (Layout, Layout, Window) throws -> Primitive
  ) throws -> Primitive {
    var slow: Primitive?
    for window in algorithms {
      for (source, result) in layouts {
        guard let primitive = try? create(source, result, window) else { continue }
        if primitive.isFast(for: window) { return primitive }
        if slow.map({ $0.isReference && !primitive.isReference }) ?? true { slow = primitive }
      }
    }
    guard let slow else { throw NetworkError("oneDNN has no gradient for this convolution") }
    return slow
  }
}

extension Primitive {
  /// Whether this is a compiled kernel for the algorithm that was asked for, neither oneDNN's
  /// reference implementation nor a matrix product over rearranged images.
  fileprivate func isFast(for window: Window) -> Bool {
    if window.winograd { return implementation.contains("wino") }
    return !isReference && !implementation.contains("gemm")
  }
}
