import COneDNN

/// What the elementwise functions share. Their derivative is a function of their result, so the
/// argument need not be kept.
extension PlanBuilder {
  mutating func elementwise(_ i: Int, _ kind: odnn_kind) throws {
    let input = network.nodes[i].inputs[0]
    let source = value(input)
    let result = try newMemory(source.layout)
    try run(
      Primitive.activation(kind, source.layout), [(ODNN_SRC, source), (ODNN_DST, result)],
      in: .forward)
    setValue(i, result)
    onTangent(i) { b in try b.activationTangent(i, kind, result: result, of: input) }
    guard kind != ODNN_RELU else {
      onLinearBackward(i) { b, g, lane in
        guard b.needsGradient[input] else { return }
        try b.contribute(input, b.activationGradient(kind, result: result, g), lane)
      }
      return
    }
    onBackward(i) { b, g in
      guard b.needsGradient[input] else { return }
      try b.contribute(input, b.activationGradient(kind, result: result, g))
    }
    onSecondOrder(i) { b, g, second in
      try b.secondOrderActivation(i, kind, result: result, g, second)
    }
  }

  /// R{y} = σ′ R{z}: the very primitive that takes gradients back.
  mutating func activationTangent(_ i: Int, _ kind: odnn_kind, result: Memory, of input: Int) throws
  {
    let tangent = self.tangent(input)!
    let t = try reordered(tangent, result.layout, in: .tangent)
    let target = t !== tangent || isOwnTangent(input) ? t : try newMemory(result.layout)
    try run(
      Primitive.activationBackward(kind, result.layout),
      [(ODNN_DST, result), (ODNN_DIFF_DST, t), (ODNN_DIFF_SRC, target)], in: .tangent)
    setTangent(i, target === tangent ? share(target) : target)
    // The backward pass reads it.
    if kind != ODNN_RELU, options.contains(.secondOrder) { target.buffer!.users += 1 }
  }

  /// R{ḡ_z} = σ′ R{ḡ} + σ″ R{z} ḡ of a smooth function, from R{y} = σ′ R{z}.
  private mutating func secondOrderActivation(
    _ i: Int, _ kind: odnn_kind, result: Memory, _ gradient: Memory, _ second: Memory
  ) throws {
    let input = network.nodes[i].inputs[0]
    let layout = result.layout
    let tangent = self.tangent(i)!
    let g = try reordered(gradient, layout, in: .backward)
    let r = try reordered(second, layout, in: .backward)
    let target = try newMemory(layout)
    try run(
      Primitive.activationBackward(kind, layout),
      [(ODNN_DST, result), (ODNN_DIFF_DST, r), (ODNN_DIFF_SRC, target)], in: .backward)
    let count = layout.byteCount / 4
    append(
      .custom {
        unsafe odnn_activation_second(
          kind, count, result.buffer!.floats(count).baseAddress!,
          tangent.buffer!.floats(count).baseAddress!, g.buffer!.floats(count).baseAddress!,
          target.buffer!.floats(count).baseAddress!)
      }, to: .backward)
    if r !== second { pool.give(r.buffer!) }
    try contribute(input, target, .tangent)
    try contribute(input, activationGradient(kind, result: result, g))
    if g !== gradient { pool.give(g.buffer!) }
    pool.give(tangent.buffer!)
  }

  /// The gradient before an activation, from its result: in place where nobody else reads it.
  mutating func activationGradient(_ kind: odnn_kind, result: Memory, _ gradient: Memory) throws
    -> Memory
  {
    let g = try reordered(gradient, result.layout, in: .backward)
    let alone = g !== gradient || (gradient.buffer!.users == 1 && !isOutputGradient(gradient))
    let target = alone ? g : try newMemory(result.layout)
    try run(
      Primitive.activationBackward(kind, result.layout),
      [(ODNN_DST, result), (ODNN_DIFF_DST, g), (ODNN_DIFF_SRC, target)], in: .backward)
    return g === gradient && alone ? share(target) : target
  }
}
