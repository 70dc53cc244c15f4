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
    plan.addGradients(i)
  }
}

extension PlanBuilder {
  /// A sum hands its gradient to every input as it is.
  mutating func addGradients(_ i: Int) {
    let inputs = network.nodes[i].inputs
    onBackward(i) { b, gradient in
      for j in inputs where b.needsGradient[j] { try b.contribute(j, b.share(gradient)) }
    }
  }
}
