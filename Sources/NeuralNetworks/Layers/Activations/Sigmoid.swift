import COneDNN

extension Layer.Kind {
  public static let sigmoid = Self(word: "sigmoid")
}

/// The logistic function 1 / (1 + e⁻ˣ); σ′ = σ (1 − σ).
struct Sigmoid: LayerType {
  static let kind = Layer.Kind.sigmoid
  let outputShape: [Int]

  init(_ layer: Layer, inputs: [[Int]]) throws { outputShape = try layer.onlyInput(inputs) }

  func forward(_ i: Int, in plan: inout PlanBuilder) throws {
    try plan.elementwise(i, ODNN_LOGISTIC)
  }
}
