import COneDNN

extension Layer.Kind {
  /// [C, H, W] → [C·H·W], C slowest.
  public static let flatten = Self(word: "flatten")
}

/// [C, H, W] → [C·H·W], C slowest. Free where H = W = 1, one reorder into the plain order otherwise.
struct Flatten: LayerType {
  static let kind = Layer.Kind.flatten
  let image: [Int]
  var keepsResult: Bool { false }
  var outputShape: [Int] { [image.reduce(1, *)] }

  init(_ layer: Layer, inputs: [[Int]]) throws { image = try layer.onlyInput(inputs) }

  func forward(_ i: Int, in plan: inout PlanBuilder) throws {
    let input = plan.network.nodes[i].inputs[0]
    let source = plan.value(input)
    let flat = try Layout([plan.batchSize] + outputShape, ODNN_ROW_MAJOR)
    guard image.count == 3 else {
      plan.alias(i, source)
      plan.passOn(i)
      return
    }
    let rowMajor = try Layout(source.layout.shape, ODNN_ROW_MAJOR)
    let same =
      source.layout == rowMajor
      || (image[1] * image[2] == 1 && source.layout.byteCount == rowMajor.byteCount)
    if same {
      if let buffer = source.buffer {
        plan.alias(i, try Memory(flat, buffer))
      } else {
        // The network's input: bound to every batch like the input itself.
        plan.alias(i, try plan.inputView(flat))
      }
    } else {
      let plain = try plan.reordered(source, rowMajor, in: .forward)
      plan.setValue(i, try Memory(flat, plain.buffer))
    }
    plan.onTangent(i) { b in
      let tangent = b.tangent(input)!
      let plain = try b.reordered(tangent, same ? source.layout : rowMajor, in: .tangent)
      if plain === tangent { plain.buffer!.users += 1 }
      b.setTangent(i, try Memory(flat, plain.buffer))
    }
    plan.onLinearBackward(i) { b, gradient, lane in
      guard b.needsGradient[input] else { return }
      if same {
        gradient.buffer!.users += 1
        try b.contribute(input, Memory(source.layout, gradient.buffer), lane)
      } else {
        let view = try Memory(rowMajor, gradient.buffer)
        try b.contribute(input, b.reordered(view, source.layout, in: .backward), lane)
      }
    }
  }
}
