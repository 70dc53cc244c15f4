import COneDNN

extension Layer {
  /// The window of a pooling layer over an image [C, H, W], and the shape of the result.
  func poolingWindow(_ image: [Int]) throws -> (Window, [Int]) {
    let kernel = try kernelSize()
    guard (padding ?? 0) == 0 else { throw error("pooling takes no padding") }
    let stride = stride ?? kernel
    let sides = try sides(of: image, kernel: kernel, stride: stride, padding: 0)
    return (Window(stride: stride, padding: 0, kernel: (kernel, kernel)), [image[0]] + sides)
  }
}

/// What maximum and average over windows share.
extension PlanBuilder {
  mutating func pooling(_ i: Int, _ kind: odnn_kind, _ window: Window) throws {
    let node = network.nodes[i]
    let input = node.inputs[0]
    let source = value(input)
    let layout = try activationLayout(node.shape)
    // A pooling straight on the input reads it in the plan's order.
    let read = try reordered(source, activationLayout(node.inputShape), in: .forward)
    let primitive = try Primitive.pooling(
      training: options.contains(.backward), kind, read.layout, layout, window)
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
