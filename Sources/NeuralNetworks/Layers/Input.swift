/// The network's input: node 0 of every graph, which no JSON declares.
struct Input: LayerType {
  static let kind = Layer.Kind(word: "input")
  let outputShape: [Int]

  init(shape: [Int]) { outputShape = shape }
  init(_ layer: Layer, inputs: [[Int]]) throws { throw layer.error("is the network's input") }

  func forward(_ i: Int, in plan: inout PlanBuilder) {}
}
