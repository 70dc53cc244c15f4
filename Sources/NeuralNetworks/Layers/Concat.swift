import COneDNN

extension Layer.Kind {
  /// Its inputs one after the other along the channels: a dense connection.
  public static let concat = Self(word: "concat")
}

/// Its inputs one after the other along the channels (or features): a dense connection.
struct Concat: LayerType {
  static let kind = Layer.Kind.concat
  let inputShapes: [[Int]]
  var outputShape: [Int] { [inputShapes.reduce(0) { $0 + $1[0] }] + inputShapes[0].dropFirst() }

  init(_ layer: Layer, inputs: [[Int]]) throws {
    guard inputs.count >= 2, inputs.allSatisfy({ $0.dropFirst() == inputs[0].dropFirst() }) else {
      throw layer.error("joins tensors that differ in channels alone, not \(inputs)")
    }
    inputShapes = inputs
  }

  func forward(_ i: Int, in plan: inout PlanBuilder) throws {
    let inputs = plan.network.nodes[i].inputs
    // A block of channels cannot hold the border between two inputs; the plain order can.
    let own = try plan.activationLayout(outputShape)
    let layout =
      parts(of: own).count == inputs.count ? own : try Layout(own.shape, ODNN_ROW_MAJOR)
    let parts = parts(of: layout)
    let result = try plan.newMemory(layout)
    for (j, part) in zip(inputs, parts) {
      let view = try Memory(part, result.buffer)
      try plan.run(
        Primitive.reorder(plan.value(j).layout, part),
        [(ODNN_SRC, plan.value(j)), (ODNN_DST, view)], in: .forward)
    }
    plan.setValue(i, result)
    plan.onTangent(i) { b in
      let tangent = try b.newMemory(layout)
      let zero = inputs.contains { !b.needsGradient[$0] }
      if zero { b.append(.custom { unsafe tangent.buffer!.clear() }, to: .tangent) }
      for (j, part) in zip(inputs, parts) where b.needsGradient[j] {
        let view = try Memory(part, tangent.buffer)
        let source = b.tangent(j)!
        try b.run(
          Primitive.reorder(source.layout, part), [(ODNN_SRC, source), (ODNN_DST, view)],
          in: .tangent)
      }
      b.setTangent(i, tangent)
    }
    plan.onLinearBackward(i) { b, gradient, lane in
      let g = try b.reordered(gradient, layout, in: .backward)
      for (j, part) in zip(inputs, parts) where b.needsGradient[j] {
        let view = try Memory(part, g.buffer)
        let dx = try b.newMemory(b.value(j).layout)
        try b.run(
          Primitive.reorder(part, dx.layout), [(ODNN_SRC, view), (ODNN_DST, dx)], in: .backward)
        try b.contribute(j, dx, lane)
      }
      if g !== gradient { b.pool.give(g.buffer!) }
    }
  }

  /// The inputs' parts of a joined tensor; fewer than inputs where the layout cannot be cut there.
  private func parts(of layout: Layout) -> [Layout] {
    var channel = 0
    var parts: [Layout] = []
    for input in inputShapes {
      let shape = [layout.shape[0]] + input
      let offsets = [0, channel] + Array(repeating: 0, count: input.count - 1)
      if let part = layout.part(shape, offsets: offsets) { parts.append(part) }
      channel += input[0]
    }
    return parts
  }
}
