/// Writes the layers of a built-in network one after the other; each call returns the new layer's
/// name, to be read by later ones.
struct LayerBuilder {
  let architecture: Architecture
  private(set) var layers: [Layer] = []
  private var unnamed: [String: Int] = [:]

  init(architecture: Architecture) { self.architecture = architecture }

  var last: String { layers.last?.name ?? "input" }
  /// The dropout probability asked for, or the published one.
  func dropoutProbability(_ published: Double) -> Double { architecture.dropout ?? published }

  @discardableResult
  mutating func add(_ layer: Layer, from input: String?) -> String {
    var layer = layer
    layer.inputs = input.map { [$0] } ?? layer.inputs
    layers.append(layer)
    return layer.name
  }

  @discardableResult
  mutating func convolution(
    _ name: String, from input: String? = nil, _ channels: Int, kernel: Int, stride: Int = 1,
    padding: Int = 0, bias: Bool, _ initialization: Layer.Initialization
  ) -> String {
    var layer = Layer(name, .convolution)
    layer.outputs = channels
    layer.kernel = kernel
    layer.stride = stride
    layer.padding = padding
    layer.bias = bias
    layer.initialization = initialization
    return add(layer, from: input)
  }

  @discardableResult
  mutating func dense(_ name: String, from input: String? = nil, _ units: Int) -> String {
    var layer = Layer(name, .dense)
    layer.outputs = units
    layer.bias = true
    layer.initialization = .uniformFanIn
    return add(layer, from: input)
  }

  @discardableResult
  mutating func batchNorm(_ name: String, from input: String? = nil, momentum: Double = 0.1)
    -> String
  {
    var layer = Layer(name, .batchNorm)
    layer.momentum = momentum
    layer.epsilon = 1e-5
    return add(layer, from: input)
  }

  @discardableResult
  mutating func maxPool(_ size: Int, stride: Int) -> String {
    var layer = Layer(unique("pool"), .maxPool)
    layer.kernel = size
    layer.stride = stride
    return add(layer, from: nil)
  }

  /// Nothing where the probability is zero.
  ///
  /// - Returns: what is to be read instead of the input.
  @discardableResult
  mutating func dropout(_ probability: Double, from input: String? = nil) -> String? {
    guard probability > 0 else { return input }
    var layer = Layer(unique("dropout"), .dropout)
    layer.probability = probability
    return add(layer, from: input)
  }

  /// A layer without parameters and options.
  @discardableResult
  mutating func plain(_ kind: Layer.Kind, from inputs: [String]? = nil) -> String {
    add(Layer(unique(kind.rawValue), kind, inputs: inputs), from: nil)
  }

  private mutating func unique(_ stem: String) -> String {
    let number = unnamed[stem, default: 0]
    unnamed[stem] = number + 1
    return "\(stem)\(number)"
  }
}
