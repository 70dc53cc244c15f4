import WeightSpace

/// A layer with its shapes resolved: one node of the network's graph.
struct Node: Sendable {
  let layer: Layer
  /// The layer's options and shapes, as its type reads them.
  let type: any LayerType
  /// Positions of the nodes it reads; 0 is the network's input.
  let inputs: [Int]
  /// [C, H, W] or [features] of one example.
  let shape: [Int]
  /// Of the first input.
  let inputShape: [Int]

  func tensorName(_ tensor: LayerTensor) -> String { "\(layer.name).\(tensor.suffix)" }
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
        layer: Layer("input", Input.kind), type: Input(shape: architecture.input), inputs: [],
        shape: architecture.input, inputShape: architecture.input)
    ]
    var positions = ["input": 0]
    var parameters: [(name: String, shape: [Int], role: TensorRole)] = []
    var statistics: [(name: String, shape: [Int], role: TensorRole)] = []
    for layer in layers {
      try layer.checkNameAndSizes()
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
      let type = try layer.type.type.init(layer, inputs: inputs.map { nodes[$0].shape })
      let node = Node(
        layer: layer, type: type, inputs: inputs, shape: type.outputShape,
        inputShape: nodes[inputs[0]].shape)
      let sizes = [node.shape] + type.parameters.map(\.shape)
      guard sizes.allSatisfy({ elementCount($0) != nil }) else {
        throw layer.error("\(node.shape) from \(node.inputShape) is too large")
      }
      parameters += type.parameters.map { (node.tensorName($0), $0.shape, $0.role) }
      statistics += type.statistics.map { (node.tensorName($0), $0.shape, $0.role) }
      positions[layer.name] = nodes.count
      nodes.append(node)
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

/// The number of elements of a tensor, nil beyond 2⁴⁰.
private func elementCount(_ shape: [Int]) -> Int? {
  var count = 1
  for length in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: length)
    if overflow || product > 1 << 40 { return nil }
    count = product
  }
  return count
}
