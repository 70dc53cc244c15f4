import COneDNN

/// Maximum and average over windows.
extension PlanBuilder {
  mutating func pooling(_ i: Int, _ kind: odnn_kind) throws {
    let node = network.nodes[i]
    let whole = node.layer.type == .globalAveragePool
    let kernel = node.layer.kernel ?? 1
    let window =
      whole
      ? Window(stride: 1, padding: 0, kernel: (node.inputShape[1], node.inputShape[2]))
      : Window(stride: node.layer.stride ?? kernel, padding: 0, kernel: (kernel, kernel))
    let source = value(node.inputs[0])
    let layout = try activationLayout(node.shape)
    // A pooling straight on the input reads it in the plan's order.
    let read = try reordered(source, activationLayout(node.inputShape), in: .forward)
    let primitive = try Primitive.pooling(
      training: training, kind, read.layout, layout, window)
    let result = try newMemory(layout)
    var arguments = [(ODNN_SRC, read), (ODNN_DST, result)]
    var workspace: Memory?
    if let wanted = primitive.layout(ODNN_WORKSPACE, shape: []) {
      workspace = try Memory(wanted, Buffer(byteCount: wanted.byteCount))
      arguments.append((ODNN_WORKSPACE, workspace!))
    }
    try run(primitive, arguments, in: .forward)
    if read !== source { pool.give(read.buffer!) }
    setValue(i, result)
    onBackward(i) { b, gradient in
      let input = node.inputs[0]
      guard b.needsGradient[input] else { return }
      let g = try b.reordered(gradient, layout, in: .backward)
      let dx = try b.newMemory(read.layout)
      var arguments = [(ODNN_DIFF_DST, g), (ODNN_DIFF_SRC, dx)]
      if let workspace { arguments.append((ODNN_WORKSPACE, workspace)) }
      try b.run(
        Primitive.poolingBackward(kind, read.layout, layout, window, forward: primitive),
        arguments, in: .backward)
      if g !== gradient { b.pool.give(g.buffer!) }
      try b.contribute(input, dx)
    }
  }
}
