import COneDNN

extension Layer.Kind {
  public static let tanh = Self(word: "tanh")
}

/// The hyperbolic tangent; σ′ = 1 − σ².
struct Tanh: LayerType {
  static let kind = Layer.Kind.tanh
  let outputShape: [Int]

  init(_ layer: Layer, inputs: [[Int]]) throws { outputShape = try layer.onlyInput(inputs) }

  func forward(_ i: Int, in plan: inout PlanBuilder) throws {
    try plan.elementwise(i, ODNN_TANH)
  }
}
