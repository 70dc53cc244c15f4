import COneDNN

extension Layer.Kind {
  /// The sum of its inputs: a residual connection.
  public static let add = Self(word: "add")
}

/// The sum of two or more tensors of one shape: a residual connection. A convolution before it may
/// take the sum along.
struct Add: LayerType {
  static let kind = Layer.Kind.add
  let outputShape: [Int]

  init(_ layer: Layer, inputs: [[Int]]) throws {
    let shape = inputs[0]
    guard inputs.count >= 2, inputs.allSatisfy({ $0 == shape }) else {
      throw layer.error("adds two or more tensors of one shape, not \(inputs)")
    }
    outputShape = shape
  }

  func forward(_ i: Int, in plan: inout PlanBuilder) throws {
    let inputs = plan.network.nodes[i].inputs
    let layout = plan.value(inputs[0]).layout
    let result = try plan.newMemory(layout)
    var sum = plan.value(inputs[0])
    for j in inputs.dropFirst() {
      let other = try plan.reordered(plan.value(j), layout, in: .forward)
      try plan.run(
        Primitive.binary(ODNN_ADD, layout),
        [(ODNN_SRC, sum), (ODNN_SRC_1, other), (ODNN_DST, result)], in: .forward)
      if other !== plan.value(j) { plan.pool.give(other.buffer!) }
      sum = result
    }
    plan.setValue(i, result)
    plan.addTangents(i)
    plan.addGradients(i)
  }
}

extension PlanBuilder {
  /// A sum hands its gradient to every input as it is.
  mutating func addGradients(_ i: Int) {
    let inputs = network.nodes[i].inputs
    onLinearBackward(i) { b, gradient, lane in
      for j in inputs where b.needsGradient[j] { try b.contribute(j, b.share(gradient), lane) }
    }
  }

  /// The tangent of a sum is the sum of the tangents, in place where one may be written over.
  mutating func addTangents(_ i: Int) {
    let inputs = network.nodes[i].inputs
    onTangent(i) { b in
      let layout = b.value(i).layout
      let moving = inputs.filter { b.needsGradient[$0] }
      let first = moving.first { b.isOwnTangent($0) && b.tangent($0)!.layout == layout }
      let start = first ?? moving[0]
      let tangent = b.tangent(start)!
      var sum = try b.reordered(tangent, layout, in: .tangent)
      if sum === tangent { sum = b.share(sum) }
      let inPlace = first != nil || sum !== tangent
      let target = inPlace || moving.count == 1 ? sum : try b.newMemory(layout)
      var skipped = false
      for j in moving {
        if j == start, !skipped {
          skipped = true
          continue
        }
        let next = b.tangent(j)!
        let other = try b.reordered(next, layout, in: .tangent)
        try b.run(
          Primitive.binary(ODNN_ADD, layout),
          [(ODNN_SRC, sum), (ODNN_SRC_1, other), (ODNN_DST, target)], in: .tangent)
        if other !== next { b.pool.give(other.buffer!) }
        if sum !== target { b.pool.give(sum.buffer!) }
        sum = target
      }
      b.setTangent(i, sum)
    }
  }
}
