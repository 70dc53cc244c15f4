import COneDNN

/// The weight gradient of a convolution over very small images, where oneDNN 2 has only its slow
/// path by one matrix product per image.
///
/// dW[o,i,·,·] = Σₙ x[n,i,·,·] ⋆ g[n,o,·,·] is itself a convolution: of x with images and channels
/// exchanged, [I, N, H, W], by g seen as weights [O, N, H′, W′], with the same padding. As a forward
/// convolution it runs three times as fast on the 2×2 images at the end of a VGG network.
extension Convolution {
  /// Appends the steps and says true, or appends nothing and says false where the detour would be
  /// no gain.
  func transposedWeightGradient(
    _ source: Memory, _ target: Memory, _ bias: Memory?, _ gradient: Memory,
    _ plan: inout PlanBuilder
  ) throws -> Bool {
    let (x, g) = (source.layout.shape, gradient.layout.shape)
    guard g[2] * g[3] <= 16, g[0] >= 8, x[1] % 8 == 0, g[1] % 8 == 0 else { return false }
    let exchangedX = try source.layout.exchanged()
    let exchangedG = try gradient.layout.exchanged()
    let exchangedW = try target.layout.exchanged()
    let result = try Layout(exchangedW.shape, ODNN_CHANNELS_LAST)
    guard
      let primitive = try? Primitive.convolution(
        training: false, Layout(exchangedX.shape, ODNN_CHANNELS_LAST),
        Layout(exchangedG.shape, ODNN_ANY), bias: nil, result,
        Window(stride: 1, padding: window.padding, kernel: (g[2], g[3])), Epilogue()),
      primitive.implementation.hasPrefix("jit")
    else { return false }
    let readX = try plan.reordered(
      Memory(exchangedX, source.buffer),
      primitive.layout(ODNN_SRC, shape: exchangedX.shape)!, in: .backward)
    let readG = try plan.reordered(
      Memory(exchangedG, gradient.buffer),
      primitive.layout(ODNN_WEIGHTS, shape: exchangedG.shape)!, in: .backward)
    let product = try plan.newMemory(result)
    try plan.run(
      primitive, [(ODNN_SRC, readX), (ODNN_WEIGHTS, readG), (ODNN_DST, product)], in: .backward)
    try plan.run(
      Primitive.reorder(result.exchanged(), target.layout),
      [(ODNN_SRC, Memory(result.exchanged(), product.buffer)), (ODNN_DST, target)], in: .backward)
    for memory in [readX, readG, product] { plan.pool.give(memory.buffer!) }
    if let bias { try sumPerChannel(gradient, into: bias, &plan) }
    return true
  }

  /// The gradient of a bias: the sum over N, H, W, in Double.
  private func sumPerChannel(
    _ gradient: Memory, into bias: Memory, _ plan: inout PlanBuilder
  ) throws {
    let shape = gradient.layout.shape
    let plain = try Layout(shape, ODNN_ROW_MAJOR)
    let g = try plan.reordered(gradient, plain, in: .backward)
    let (images, channels, area) = (shape[0], shape[1], shape[2] * shape[3])
    let offset = plan.bindings.gradient.last { $0.0 === bias }!.1
    let vectors = plan.vectors
    plan.backward.append(
      .custom {
        let values = unsafe g.buffer!.floats(images * channels * area)
        for c in 0..<channels {
          var sum = 0.0
          for n in 0..<images {
            for k in 0..<area { sum += unsafe Double(values[(n * channels + c) * area + k]) }
          }
          unsafe vectors.gradient![offset + c] = Float(sum)
        }
      })
    if g !== gradient { plan.pool.give(g.buffer!) }
  }
}
