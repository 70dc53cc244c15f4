import COneDNN

/// Layers that only join, share or reshape tensors: residual sums, dense connections, flattening.
extension PlanBuilder {
  mutating func add(_ i: Int) throws {
    let inputs = network.nodes[i].inputs
    let layout = value(inputs[0]).layout
    let result = try newMemory(layout)
    var sum = value(inputs[0])
    for j in inputs.dropFirst() {
      let other = try reordered(value(j), layout, in: .forward)
      try run(
        Primitive.binary(ODNN_ADD, layout),
        [(ODNN_SRC, sum), (ODNN_SRC_1, other), (ODNN_DST, result)], in: .forward)
      if other !== value(j) { pool.give(other.buffer!) }
      sum = result
    }
    setValue(i, result)
    onBackward(i) { b, g in try b.spreadGradient(of: i, g) }
  }

  /// A sum hands its gradient to every input as it is.
  mutating func spreadGradient(of i: Int, _ gradient: Memory) throws {
    for j in network.nodes[i].inputs where needsGradient[j] {
      try contribute(j, share(gradient))
    }
  }

  mutating func concat(_ i: Int) throws {
    let node = network.nodes[i]
    let inputs = node.inputs
    // A block of channels cannot hold the border between two inputs; the plain order can.
    let own = try activationLayout(node.shape)
    let layout =
      concatParts(own, i).count == inputs.count ? own : try Layout(own.shape, ODNN_ROW_MAJOR)
    let parts = concatParts(layout, i)
    let result = try newMemory(layout)
    for (j, part) in zip(inputs, parts) {
      let view = try Memory(part, result.buffer)
      try run(
        Primitive.reorder(value(j).layout, part), [(ODNN_SRC, value(j)), (ODNN_DST, view)],
        in: .forward)
    }
    setValue(i, result)
    onBackward(i) { b, gradient in
      let g = try b.reordered(gradient, layout, in: .backward)
      for (j, part) in zip(inputs, parts) where b.needsGradient[j] {
        let view = try Memory(part, g.buffer)
        let dx = try b.newMemory(b.value(j).layout)
        try b.run(
          Primitive.reorder(part, dx.layout), [(ODNN_SRC, view), (ODNN_DST, dx)], in: .backward)
        try b.contribute(j, dx)
      }
      if g !== gradient { b.pool.give(g.buffer!) }
    }
  }

  /// The inputs' parts of a joined tensor; fewer than inputs where the layout cannot be cut there.
  private func concatParts(_ layout: Layout, _ i: Int) -> [Layout] {
    var channel = 0
    var parts: [Layout] = []
    for j in network.nodes[i].inputs {
      let shape = [batchSize] + network.nodes[j].shape
      let offsets = [0, channel] + Array(repeating: 0, count: shape.count - 2)
      if let part = layout.part(shape, offsets: offsets) { parts.append(part) }
      channel += shape[1]
    }
    return parts
  }

  /// [N, C, H, W] → [N, C·H·W]. Free where H = W = 1, one reorder into the plain order otherwise.
  mutating func flatten(_ i: Int) throws {
    let node = network.nodes[i]
    let input = node.inputs[0]
    let source = value(input)
    let flat = try Layout([batchSize] + node.shape, ODNN_ROW_MAJOR)
    guard node.inputShape.count == 3 else {
      alias(i, source)
      onBackward(i) { b, g in try b.contribute(input, b.share(g)) }
      return
    }
    let rowMajor = try Layout(source.layout.shape, ODNN_ROW_MAJOR)
    let same =
      source.layout == rowMajor
      || (node.inputShape[1] * node.inputShape[2] == 1
        && source.layout.byteCount == rowMajor.byteCount)
    if same {
      if let buffer = source.buffer {
        alias(i, try Memory(flat, buffer))
      } else {
        // The network's input: bound to every batch like the input itself.
        alias(i, try inputView(flat))
      }
    } else {
      let plain = try reordered(source, rowMajor, in: .forward)
      setValue(i, try Memory(flat, plain.buffer))
    }
    onBackward(i) { b, gradient in
      guard b.needsGradient[input] else { return }
      if same {
        gradient.buffer!.users += 1
        try b.contribute(input, Memory(source.layout, gradient.buffer))
      } else {
        let view = try Memory(rowMajor, gradient.buffer)
        try b.contribute(input, b.reordered(view, source.layout, in: .backward))
      }
    }
  }
}
