import COneDNN

extension Layer.Kind {
  /// max(x, 0).
  public static let relu = Self(word: "relu")
}

/// max(x, 0), in the same pass as the layer before it where that can take it along.
struct ReLU: LayerType {
  static let kind = Layer.Kind.relu
  let outputShape: [Int]
  // The layer before it may have it done already.
  var keepsResult: Bool { false }

  init(_ layer: Layer, inputs: [[Int]]) throws { outputShape = try layer.onlyInput(inputs) }

  func forward(_ i: Int, in plan: inout PlanBuilder) throws {
    try plan.elementwise(i, ODNN_RELU)
  }
}
