import COneDNN

/// Which of oneDNN's kernels compute a convolution and its two gradients, in which layouts.
extension Convolution {
  /// w ⋆ x + b with as much of `fusion` as a kernel takes along; what it took, it returns.
  func convolve(
    _ source: Memory, _ plain: Memory, bias: Memory?, _ fusion: Fusion,
    in pass: PlanBuilder.Pass, _ plan: inout PlanBuilder
  ) throws -> (Memory, Fusion) {
    let biasLayout = try Layout([weightShape[0]], ODNN_ROW_MAJOR)
    let (primitive, kept) = try choose(
      source.layout, Layout(weightShape, ODNN_ANY), bias: bias == nil ? nil : biasLayout, fusion,
      plan)
    let sourceLayout = primitive.layout(ODNN_SRC, shape: source.layout.shape)!
    let written = primitive.layout(ODNN_DST, shape: [plan.batchSize] + outputShape)!
    let read = try plan.reordered(source, sourceLayout, in: pass)
    let own = try plan.activationLayout(outputShape)
    let result =
      kept.accumulate
      ? plan.share(kept.addend!) : try plan.newMemory(written.hasBytes(of: own) ? own : written)
    let weights = try plan.packed(plain, primitive.layout(ODNN_WEIGHTS, shape: weightShape)!)
    var arguments = [
      (ODNN_SRC, read), (ODNN_WEIGHTS, weights), (ODNN_DST, try plan.seen(result, as: written)),
    ]
    if let bias { arguments.append((ODNN_BIAS, bias)) }
    if let addend = kept.addend, !kept.accumulate {
      arguments.append((ODNN_ADDEND, try plan.seen(addend, as: written)))
    }
    try plan.run(primitive, arguments, in: pass)
    if read !== source { plan.pool.give(read.buffer!) }
    return (result, kept)
  }

  /// The gradient by the argument, whose layout is `source`.
  func dataGradient(
    _ plain: Memory, _ gradient: Memory, _ source: Layout, _ plan: inout PlanBuilder
  ) throws -> Memory {
    let any = try Layout(weightShape, ODNN_ANY)
    let layouts = try gradientLayouts(source, gradient.layout, plan)
    let primitive = try firstFast(layouts, algorithms(plan)) {
      try Primitive.convolutionBackwardData($0, any, $1, $2)
    }
    let g = try plan.reordered(
      gradient, primitive.layout(ODNN_DIFF_DST, shape: gradient.layout.shape)!, in: .backward)
    let result = try plan.newMemory(primitive.layout(ODNN_DIFF_SRC, shape: source.shape)!)
    try plan.run(
      primitive,
      [
        (ODNN_DIFF_DST, g),
        (
          ODNN_WEIGHTS,
          plan.packed(plain, primitive.layout(ODNN_WEIGHTS, shape: weightShape)!)
        ),
        (ODNN_DIFF_SRC, result),
      ], in: .backward)
    if g !== gradient { plan.pool.give(g.buffer!) }
    return result
  }

  /// The gradient by the weights, and by the bias where a place for it is given.
  func weightGradient(
    _ source: Memory, _ gradient: Memory, into target: Memory, bias biasTarget: Memory?,
    _ plan: inout PlanBuilder
  ) throws {
    let any = try Layout(weightShape, ODNN_ANY)
    let layouts = try gradientLayouts(source.layout, gradient.layout, plan)
    let primitive = try firstFast(layouts, algorithms(plan)) {
      try Primitive.convolutionBackwardWeights($0, any, bias: biasTarget?.layout, $1, $2)
    }
    if primitive.implementation.contains("gemm"), window.stride == 1,
      try transposedWeightGradient(source, target, biasTarget, gradient, &plan)
    {
      return
    }
    let packedLayout = primitive.layout(ODNN_DIFF_WEIGHTS, shape: weightShape)!
    let direct = packedLayout == target.layout
    let packedGradient = direct ? target : try plan.newMemory(packedLayout)
    let x = try plan.reordered(
      source, primitive.layout(ODNN_SRC, shape: source.layout.shape)!, in: .backward)
    let g = try plan.reordered(
      gradient, primitive.layout(ODNN_DIFF_DST, shape: gradient.layout.shape)!, in: .backward)
    var arguments = [(ODNN_SRC, x), (ODNN_DIFF_DST, g), (ODNN_DIFF_WEIGHTS, packedGradient)]
    if let biasTarget { arguments.append((ODNN_DIFF_BIAS, biasTarget)) }
    try plan.run(primitive, arguments, in: .backward)
    if !direct {
      try plan.run(
        Primitive.reorder(packedLayout, target.layout),
        [(ODNN_SRC, packedGradient), (ODNN_DST, target)], in: .backward)
      plan.pool.give(packedGradient.buffer!)
    }
    if x !== source { plan.pool.give(x.buffer!) }
    if g !== gradient { plan.pool.give(g.buffer!) }
  }

  /// The first of the possible primitives that is fast, else one that is not oneDNN's reference
  /// implementation: fused before unfused, the plan's own layout before others.
  private func choose(
    _ source: Layout, _ weights: Layout, bias: Layout?, _ fusion: Fusion, _ plan: PlanBuilder
  ) throws -> (Primitive, Fusion) {
    let own = try plan.activationLayout(outputShape)
    let any = (try Layout(source.shape, ODNN_ANY), try Layout(own.shape, ODNN_ANY))
    let ownSource = try Layout(source.shape, plan.preferred)
    let plain = (try Layout(source.shape, ODNN_ROW_MAJOR), try Layout(own.shape, ODNN_ROW_MAJOR))
    var pairs =
      try twins(source, own, plan) + [(source, own), (ownSource, own), (any.0, own), any, plain]
    if fusion.add == nil, let addend = fusion.addend {
      // A tangent is added to wherever its first part lies.
      pairs += [(source, addend.layout), (any.0, addend.layout)]
    }
    var slow: (Primitive, Fusion)?
    for window in algorithms(plan) {
      for fusion in fusion.add == nil ? [fusion] : [fusion, Fusion()] {
        for (from, to) in pairs {
          if let addend = fusion.addend, try !addend.layout.hasBytes(of: to) { continue }
          let epilogue = Epilogue(
            relu: fusion.relu != nil, addend: fusion.accumulate ? nil : fusion.addend?.layout,
            accumulate: fusion.accumulate)
          guard
            let primitive = try? Primitive.convolution(
              training: plan.options.contains(.backward), from, weights, bias: bias, to, window,
              epilogue), primitive.isSound
          else { continue }
          if primitive.isFast(for: window) { return (primitive, fusion) }
          if slow.map({ $0.0.isReference && !primitive.isReference }) ?? true {
            slow = (primitive, fusion)
          }
        }
      }
    }
    guard let slow else { throw NetworkError("oneDNN has no convolution for shape \(outputShape)") }
    return slow
  }

  /// The layouts of source and result as channels last where that means the same bytes: oneDNN's
  /// kernels for that order are faster by a fifth for 16 channels on AVX-512.
  private func twins(_ source: Layout, _ result: Layout, _ plan: PlanBuilder) throws -> [(
    Layout, Layout
  )] {
    let pair = (
      try Layout(source.shape, ODNN_CHANNELS_LAST), try Layout(result.shape, ODNN_CHANNELS_LAST)
    )
    guard plan.preferred == ODNN_BLOCKED, try source.hasBytes(of: pair.0),
      try result.hasBytes(of: pair.1)
    else { return [] }
    return [pair]
  }

  /// The ways to compute a convolution, best first: Winograd's algorithm F(4×4, 3×3), where oneDNN
  /// has it (its second generation, with AVX-512), takes 0.4 to 0.6 of the time from 32 channels on,
  /// and its results differ from the direct sum's by less than 10⁻⁵ of the largest. It pays
  /// in the plan's own layout only.
  private func algorithms(_ plan: PlanBuilder) -> [Window] {
    guard plan.preferred == ODNN_BLOCKED, min(weightShape[0], weightShape[1]) >= 32,
      weightShape[2] == 3,
      window.stride == 1
    else { return [window] }
    var winograd = window
    winograd.winograd = true
    return [winograd, window]
  }

  /// Pairs of layouts (source, result) to try for a backward pass, best first.
  private func gradientLayouts(_ source: Layout, _ result: Layout, _ plan: PlanBuilder) throws -> [(
    Layout, Layout
  )] {
    func both(_ format: odnn_format) throws -> (Layout, Layout) {
      (try Layout(source.shape, format), try Layout(result.shape, format))
    }
    return try twins(source, result, plan) + [
      (source, result), (try Layout(source.shape, plan.preferred), result), try both(ODNN_ANY),
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
        guard let primitive = try? create(source, result, window), primitive.isSound else {
          continue
        }
        if primitive.isFast(for: window) { return primitive }
        if slow.map({ $0.isReference && !primitive.isReference }) ?? true { slow = primitive }
      }
    }
    guard let slow else { throw NetworkError("oneDNN has no gradient for this convolution") }
    return slow
  }
}

extension Primitive {
  /// Not so is oneDNN 3.7's product of matrices in the plain order: with one channel in and one out it
  /// leaves zeros.
  fileprivate var isSound: Bool { !implementation.contains("ncsp") }

  /// Whether this is a compiled kernel for the algorithm that was asked for, neither oneDNN's
  /// reference implementation nor a matrix product over rearranged images.
  fileprivate func isFast(for window: Window) -> Bool {
    if window.winograd { return implementation.contains("wino") }
    return !isReference && !implementation.contains("gemm")
  }
}
