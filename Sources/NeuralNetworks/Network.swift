import WeightSpace

/// A layer with its shapes resolved: one node of the network's graph.
struct Node: Sendable {
  let layer: Layer
  /// Positions of the nodes it reads; 0 is the network's input.
  let inputs: [Int]
  /// [C, H, W] or [features] of one example.
  let shape: [Int]
  /// Of the first input.
  let inputShape: [Int]
}

/// A network: a function of one flat vector of parameters (and one of running statistics).
///
/// Holds no weights. `parameterLayout` and `bufferLayout` say which range of the two vectors is
/// which published tensor.
public struct Network: Sendable {
  public let architecture: Architecture
  let nodes: [Node]
  /// P parameters in the published order of the tensors.
  public let parameterLayout: VectorLayout
  /// B running statistics (BatchNorm means and variances).
  public let bufferLayout: VectorLayout

  public var parameterCount: Int { parameterLayout.count }
  public var inputShape: [Int] { architecture.input }
  /// Entries of one example's output.
  public var outputCount: Int { nodes[nodes.count - 1].shape.reduce(1, *) }
  /// Whether predictions need running statistics.
  public var hasBatchNormalization: Bool { bufferLayout.count > 0 }
  /// Whether the output is a mean and a variance per target.
  public var predictsVariance: Bool { nodes[nodes.count - 1].layer.type == .gaussian }

  /// Resolves names and shapes.
  ///
  /// Throws `NetworkError` naming the layer that does not fit.
  public init(_ architecture: Architecture) throws {
    guard architecture.input.count == 1 || architecture.input.count == 3,
      architecture.input.allSatisfy({ $0 > 0 })
    else {
      throw NetworkError(
        "architecture: input \(architecture.input) is neither [C, H, W] nor [features]")
    }
    guard elementCount(architecture.input) != nil else {
      throw NetworkError("architecture: input \(architecture.input) is too large")
    }
    guard architecture.outputs > 0 else { throw NetworkError("architecture: no outputs") }
    if let p = architecture.dropout, !(0..<1).contains(p) {
      throw NetworkError("architecture: dropout \(p) is not a probability below 1")
    }
    let layers = try architecture.expandedLayers()
    guard !layers.isEmpty else { throw NetworkError("architecture: no layers") }
    var nodes = [
      Node(
        layer: Layer("input", .flatten), inputs: [], shape: architecture.input,
        inputShape: architecture.input)
    ]
    var positions = ["input": 0]
    var parameters: [(name: String, shape: [Int], role: TensorRole)] = []
    var statistics: [(name: String, shape: [Int], role: TensorRole)] = []
    for layer in layers {
      try layer.checkOptions()
      guard positions[layer.name] == nil else {
        throw NetworkError("architecture: two layers are called \"\(layer.name)\"")
      }
      let inputs = try (layer.inputs ?? [nodes[nodes.count - 1].layer.name]).map { name in
        guard let position = positions[name] else {
          throw NetworkError(
            "architecture: layer \(layer.name) reads \"\(name)\", which no earlier layer is called")
        }
        return position
      }
      guard !inputs.isEmpty else {
        throw NetworkError("architecture: layer \(layer.name) has no inputs")
      }
      let shape = try layer.outputShape(of: inputs.map { nodes[$0].shape })
      let inputShape = nodes[inputs[0]].shape
      let tensors = layer.parameters(input: inputShape)
      guard ([shape] + tensors.map(\.shape)).allSatisfy({ elementCount($0) != nil }) else {
        throw NetworkError(
          "architecture: layer \(layer.name): \(shape) from \(inputShape) is too large")
      }
      parameters += tensors
      statistics += layer.statistics(input: inputShape)
      positions[layer.name] = nodes.count
      nodes.append(Node(layer: layer, inputs: inputs, shape: shape, inputShape: inputShape))
    }
    guard nodes[nodes.count - 1].shape == [architecture.outputs] else {
      throw NetworkError(
        "architecture: the last layer gives \(nodes[nodes.count - 1].shape), but outputs is"
          + " \(architecture.outputs)")
    }
    guard !parameters.isEmpty else { throw NetworkError("architecture: no layer has parameters") }
    let read = Set(nodes.flatMap(\.inputs))
    if let idle = nodes.indices.dropFirst().dropLast().first(where: { !read.contains($0) }) {
      throw NetworkError(
        "architecture: no layer reads layer \(nodes[idle].layer.name), and it is not the last")
    }
    self.architecture = architecture
    self.nodes = nodes
    self.parameterLayout = VectorLayout(parameters)
    self.bufferLayout = VectorLayout(statistics)
  }
}
