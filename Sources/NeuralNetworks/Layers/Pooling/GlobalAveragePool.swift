import COneDNN

extension Layer.Kind {
  /// The mean over H and W.
  public static let globalAveragePool = Self(word: "global-average-pool")
}

/// The mean over H and W: [C, H, W] → [C, 1, 1].
struct GlobalAveragePool: LayerType {
  static let kind = Layer.Kind.globalAveragePool
  let image: [Int]
  var outputShape: [Int] { [image[0], 1, 1] }

  init(_ layer: Layer, inputs: [[Int]]) throws { image = try layer.onlyImage(inputs) }

  func forward(_ i: Int, in plan: inout PlanBuilder) throws {
    try plan.pooling(
      i, ODNN_AVERAGE_POOL, Window(stride: 1, padding: 0, kernel: (image[1], image[2])))
  }
}
