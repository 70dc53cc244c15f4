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
    setValue(i, result)
    // The tangent of a maximum is read where its argument won.
    let keep = kind == ODNN_MAX_POOL && options.contains(.tangent) && needsGradient[input]
    if read !== source, !keep { pool.give(read.buffer!) }
    onTangent(i) { b in
      let tangent = b.tangent(input)!
      let t = try b.reordered(tangent, read.layout, in: .tangent)
      let target = try b.newMemory(layout)
      if kind == ODNN_MAX_POOL {
        b.maximumTangent(node, window, read, result, t, target)
      } else {
        try b.run(primitive, [(ODNN_SRC, t), (ODNN_DST, target)], in: .tangent)
      }
      if t !== tangent { b.pool.give(t.buffer!) }
      b.setTangent(i, target)
    }
    onLinearBackward(i) { b, gradient, lane in
      guard b.needsGradient[input] else { return }
      let g = try b.reordered(gradient, layout, in: .backward)
      let dx = try b.newMemory(read.layout)
      var arguments = [(ODNN_DIFF_DST, g), (ODNN_DIFF_SRC, dx)]
      if let workspace { arguments.append((ODNN_WORKSPACE, workspace)) }
      try b.run(
        Primitive.poolingBackward(kind, read.layout, layout, window, forward: primitive),
        arguments, in: .backward)
      if g !== gradient { b.pool.give(g.buffer!) }
      try b.contribute(input, dx, lane)
    }
  }

  /// R{y} is R{x} at the place of each window that won. oneDNN's own record of the places is not
  /// meant to be read, but the first element that equals the maximum is that place.
  private mutating func maximumTangent(
    _ node: Node, _ window: Window, _ x: Memory, _ y: Memory, _ tangent: Memory, _ result: Memory
  ) {
    let grid = Grid(x.layout)!
    let pool = odnn_pool(
      height: Int64(node.inputShape[1]), width: Int64(node.inputShape[2]),
      out_height: Int64(node.shape[1]), out_width: Int64(node.shape[2]),
      kernel: Int64(window.kernel.0), stride: Int64(window.stride))
    let (read, written) = (x.layout.byteCount / 4, y.layout.byteCount / 4)
    append(
      .custom {
        var (grid, pool) = (grid.c, pool)
        unsafe odnn_max_pool_tangent(
          &grid, &pool, x.buffer!.floats(read).baseAddress!, y.buffer!.floats(written).baseAddress!,
          tangent.buffer!.floats(read).baseAddress!, result.buffer!.floats(written).baseAddress!)
      }, to: .tangent)
  }
}
