import COneDNN

/// Strides, padding and kernel of a convolution or pooling.
struct Window {
  var stride: Int
  var padding: Int
  var kernel: (Int, Int)
  /// Whether a convolution is computed by Winograd's algorithm.
  var winograd = false

  var c: odnn_window {
    odnn_window(
      strides: (Int64(stride), Int64(stride)), padding: (Int64(padding), Int64(padding)),
      kernel: (Int64(kernel.0), Int64(kernel.1)), winograd: winograd)
  }
}

/// What is done to a result before it is stored.
struct Epilogue {
  var relu = false
  var addend: Layout?
  var accumulate = false

  @unsafe var c: odnn_epilogue {
    unsafe odnn_epilogue(relu: relu, addend: addend?.handle, accumulate: accumulate)
  }
}

extension Primitive {
  static func convolution(
    training: Bool, _ source: Layout, _ weights: Layout, bias: Layout?, _ result: Layout,
    _ window: Window, _ epilogue: Epilogue
  ) throws -> Primitive {
    try unsafe Primitive("a convolution") {
      unsafe odnn_convolution_forward(
        $0, training, source.handle, weights.handle, bias?.handle, result.handle, window.c,
        epilogue.c)
    }
  }

  static func convolutionBackwardData(
    _ source: Layout, _ weights: Layout, _ result: Layout, _ window: Window
  ) throws -> Primitive {
    try unsafe Primitive("a convolution's data gradient") {
      unsafe odnn_convolution_backward_data(
        $0, source.handle, weights.handle, result.handle, window.c)
    }
  }

  static func convolutionBackwardWeights(
    _ source: Layout, _ weights: Layout, bias: Layout?, _ result: Layout, _ window: Window
  ) throws -> Primitive {
    try unsafe Primitive("a convolution's weight gradient") {
      unsafe odnn_convolution_backward_weights(
        $0, source.handle, weights.handle, bias?.handle, result.handle, window.c)
    }
  }

  static func dense(
    training: Bool, _ source: Layout, _ weights: Layout, bias: Layout?, _ result: Layout,
    _ epilogue: Epilogue
  ) throws -> Primitive {
    try unsafe Primitive("a dense layer") {
      unsafe odnn_inner_product_forward(
        $0, training, source.handle, weights.handle, bias?.handle, result.handle, epilogue.c)
    }
  }

  static func denseBackwardData(_ source: Layout, _ weights: Layout, _ result: Layout) throws
    -> Primitive
  {
    try unsafe Primitive("a dense layer's data gradient") {
      unsafe odnn_inner_product_backward_data($0, source.handle, weights.handle, result.handle)
    }
  }

  static func denseBackwardWeights(
    _ source: Layout, _ weights: Layout, bias: Layout?, _ result: Layout
  ) throws -> Primitive {
    try unsafe Primitive("a dense layer's weight gradient") {
      unsafe odnn_inner_product_backward_weights(
        $0, source.handle, weights.handle, bias?.handle, result.handle)
    }
  }

  static func pooling(
    training: Bool, _ kind: odnn_kind, _ source: Layout, _ result: Layout, _ window: Window
  ) throws -> Primitive {
    try unsafe Primitive("a pooling") {
      unsafe odnn_pooling_forward($0, training, kind, source.handle, result.handle, window.c)
    }
  }

  static func poolingBackward(
    _ kind: odnn_kind, _ source: Layout, _ result: Layout, _ window: Window, forward: Primitive
  ) throws -> Primitive {
    try unsafe Primitive("a pooling's gradient") {
      unsafe odnn_pooling_backward(
        $0, kind, source.handle, result.handle, window.c, forward.handle)
    }
  }

  /// - Parameter statistics: whether the batch's own mean and variance are computed, or given.
  static func batchNormalization(
    training: Bool, statistics: Bool, _ layout: Layout, epsilon: Double, relu: Bool
  ) throws -> Primitive {
    try unsafe Primitive("a batch normalisation") {
      unsafe odnn_batch_normalization_forward(
        $0, training, statistics, layout.handle, Float(epsilon), relu)
    }
  }

  static func batchNormalizationBackward(
    statistics: Bool, _ layout: Layout, epsilon: Double, relu: Bool, forward: Primitive
  ) throws -> Primitive {
    try unsafe Primitive("a batch normalisation's gradient") {
      unsafe odnn_batch_normalization_backward(
        $0, statistics, layout.handle, Float(epsilon), relu, forward.handle)
    }
  }

  static func activation(_ kind: odnn_kind, _ layout: Layout) throws -> Primitive {
    try unsafe Primitive("an activation") {
      unsafe odnn_activation_forward($0, kind, layout.handle)
    }
  }

  static func activationBackward(_ kind: odnn_kind, _ layout: Layout) throws -> Primitive {
    try unsafe Primitive("an activation's gradient") {
      unsafe odnn_activation_backward($0, kind, layout.handle)
    }
  }

  static func binary(_ kind: odnn_kind, _ layout: Layout) throws -> Primitive {
    try unsafe Primitive("an elementwise operation") {
      unsafe odnn_binary($0, kind, layout.handle)
    }
  }

  static func reorder(_ from: Layout, _ to: Layout) throws -> Primitive {
    try unsafe Primitive("a reorder") { unsafe odnn_reorder($0, from.handle, to.handle) }
  }
}
