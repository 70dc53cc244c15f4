import COneDNN
import Randomness

/// Inverted dropout: y = x ⊙ mask, mask 0 with probability p and 1/(1−p) otherwise. The mask is a
/// function of (seed, pass, layer, element), so training can be resumed to the same bits.
extension PlanBuilder {
  mutating func applyDropout(_ i: Int) throws {
    let node = network.nodes[i]
    let input = node.inputs[0]
    let probability = node.layer.probability ?? 0
    let source = value(input)
    guard dropsUnits, probability > 0 else {
      alias(i, source)
      onBackward(i) { b, g in try b.contribute(input, b.share(g)) }
      return
    }
    let layout = source.layout
    let mask = try Memory(layout, Buffer(byteCount: layout.byteCount))
    let state = dropout
    let threshold = UInt32((probability * 4_294_967_296).rounded())
    let kept = Float(1 / (1 - probability))
    forward.append(
      .custom {
        let cells = unsafe mask.buffer!.floats(layout.byteCount / 4)
        var stream = RandomStream(seed: state.seed, stream: state.pass << 16 | UInt64(i))
        for k in 0..<cells.count {
          unsafe cells[k] = stream.nextWord() < threshold ? 0 : kept
        }
      })
    let product = try Primitive.binary(ODNN_MULTIPLY, layout)
    let result = try newMemory(layout)
    try run(product, [(ODNN_SRC, source), (ODNN_SRC_1, mask), (ODNN_DST, result)], in: .forward)
    setValue(i, result)
    onBackward(i) { b, gradient in
      guard b.needsGradient[input] else { return }
      let g = try b.reordered(gradient, layout, in: .backward)
      let dx = try b.newMemory(layout)
      try b.run(product, [(ODNN_SRC, g), (ODNN_SRC_1, mask), (ODNN_DST, dx)], in: .backward)
      if g !== gradient { b.pool.give(g.buffer!) }
      try b.contribute(input, dx)
    }
  }
}

extension Network {
  /// Whether units are dropped in training, so that predictions can be sampled by dropping them.
  public var hasDropout: Bool {
    nodes.contains { $0.layer.type == .dropout && ($0.layer.probability ?? 0) > 0 }
  }
}
