import COneDNN

extension Layer.Kind {
  /// The maximum over windows.
  public static let maxPool = Self(word: "max-pool")
}

/// The maximum over k × k windows; the stride is k unless given. No padding.
struct MaxPool: LayerType {
  static let kind = Layer.Kind.maxPool
  let image: [Int]
  let window: Window
  let outputShape: [Int]

  init(_ layer: Layer, inputs: [[Int]]) throws {
    image = try layer.onlyImage(inputs)
    (window, outputShape) = try layer.poolingWindow(image)
  }

  func forward(_ i: Int, in plan: inout PlanBuilder) throws {
    try plan.pooling(i, ODNN_MAX_POOL, window)
  }
}
