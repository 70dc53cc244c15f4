import COneDNN

extension Layer.Kind {
  /// The mean over windows.
  public static let averagePool = Self(word: "average-pool")
}

/// The mean over k × k windows; the stride is k unless given. No padding.
struct AveragePool: LayerType {
  static let kind = Layer.Kind.averagePool
  let image: [Int]
  let window: Window
  let outputShape: [Int]

  init(_ layer: Layer, inputs: [[Int]]) throws {
    image = try layer.onlyImage(inputs)
    (window, outputShape) = try layer.poolingWindow(image)
  }

  func forward(_ i: Int, in plan: inout PlanBuilder) throws {
    try plan.pooling(i, ODNN_AVERAGE_POOL, window)
  }
}
