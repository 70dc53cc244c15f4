import COneDNN
import Randomness

extension Layer.Kind {
  /// Inverted dropout: in training a unit is kept with probability 1−p and divided by it.
  public static let dropout = Self(word: "dropout")
}

/// Inverted dropout: y = x ⊙ mask, mask 0 with probability p and 1/(1−p) otherwise. The mask is a
/// function of (seed, pass, layer, element), so training can be resumed to the same bits.
struct Dropout: LayerType {
  static let kind = Layer.Kind.dropout
  let outputShape: [Int]
  let probability: Double
  var keepsResult: Bool { probability > 0 }

  init(_ layer: Layer, inputs: [[Int]]) throws {
    outputShape = try layer.onlyInput(inputs)
    guard let probability = layer.probability, (0..<1).contains(probability) else {
      throw layer.error("\"probability\" must be at least 0 and below 1")
    }
    self.probability = probability
  }

  func forward(_ i: Int, in plan: inout PlanBuilder) throws {
    let input = plan.network.nodes[i].inputs[0]
    let source = plan.value(input)
    guard plan.options.contains(.dropout), probability > 0 else {
      plan.alias(i, source)
      plan.passOn(i)
      return
    }
    let layout = source.layout
    let mask = try Memory(layout, Buffer(byteCount: layout.byteCount))
    let state = plan.dropout
    let threshold = UInt32(min((probability * 4_294_967_296).rounded(), 4_294_967_295))
    let kept = Float(1 / (1 - probability))
    plan.forward.append(
      .custom {
        let cells = unsafe mask.buffer!.floats(layout.byteCount / 4)
        let stream = RandomPurpose.dropout.stream(state.pass << 16 | UInt64(i))
        let length = 1 << 15
        onNetworkThreads((cells.count + length - 1) / length) { part in
          let range = part * length..<min((part + 1) * length, cells.count)
          var span = unsafe cells.extracting(range).mutableSpan
          RandomStream.writeMask(
            seed: state.seed, stream: stream, from: range.lowerBound, threshold: threshold,
            kept: kept, into: &span)
        }
      })
    let product = try Primitive.binary(ODNN_MULTIPLY, layout)
    let result = try plan.newMemory(layout)
    try plan.run(
      product, [(ODNN_SRC, source), (ODNN_SRC_1, mask), (ODNN_DST, result)], in: .forward)
    plan.setValue(i, result)
    plan.onTangent(i) { b in
      let tangent = b.tangent(input)!
      let t = try b.reordered(tangent, layout, in: .tangent)
      let result = try b.newMemory(layout)
      try b.run(product, [(ODNN_SRC, t), (ODNN_SRC_1, mask), (ODNN_DST, result)], in: .tangent)
      if t !== tangent { b.pool.give(t.buffer!) }
      b.setTangent(i, result)
    }
    plan.onLinearBackward(i) { b, gradient, lane in
      guard b.needsGradient[input] else { return }
      let g = try b.reordered(gradient, layout, in: .backward)
      let dx = try b.newMemory(layout)
      try b.run(product, [(ODNN_SRC, g), (ODNN_SRC_1, mask), (ODNN_DST, dx)], in: .backward)
      if g !== gradient { b.pool.give(g.buffer!) }
      try b.contribute(input, dx, lane)
    }
  }
}

extension Network {
  /// Whether units are dropped in training, so that predictions can be sampled by dropping them.
  public var hasDropout: Bool {
    nodes.contains { ($0.type as? Dropout).map { $0.probability > 0 } ?? false }
  }
}

extension Architecture {
  /// The same network, with the same parameters, whose dropout layers drop nothing: what a likelihood
  /// that must be a function of the weights alone needs of a network in training mode.
  public var withoutDropout: Architecture { withDropout(0) }

  /// The same network, with the same parameters, all of whose dropout layers drop with probability p.
  public func withDropout(_ p: Double) -> Architecture {
    var architecture = self
    architecture.dropout = p
    architecture.layers = layers?.map { layer in
      var layer = layer
      if layer.type == .dropout { layer.probability = p }
      return layer
    }
    return architecture
  }
}
