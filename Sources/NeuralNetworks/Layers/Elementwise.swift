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
    onBackward(i) { b, g in
      guard b.needsGradient[input] else { return }
      try b.contribute(input, b.activationGradient(kind, result: result, g))
    }
  }

  /// The gradient before an activation, from its result: in place where nobody else reads it.
  mutating func activationGradient(_ kind: odnn_kind, result: Memory, _ gradient: Memory) throws
    -> Memory
  {
    let g = try reordered(gradient, result.layout, in: .backward)
    let alone = g !== gradient || (gradient.buffer!.users == 1 && gradient !== outputGradient)
    let target = alone ? g : try newMemory(result.layout)
    try run(
      Primitive.activationBackward(kind, result.layout),
      [(ODNN_DST, result), (ODNN_DIFF_DST, g), (ODNN_DIFF_SRC, target)], in: .backward)
    return g === gradient && alone ? share(target) : target
  }
}
