import WeightSpace

/// A type of layer, its options read and its shapes known: everything that the network and a plan
/// need to know of it. One file holds one type.
protocol LayerType: Sendable {
  /// The word in the JSON.
  static var kind: Layer.Kind { get }

  /// Reads the options of `layer`, whose inputs have these shapes for one example.
  ///
  /// Throws `NetworkError` that names the layer where an option or a shape does not fit.
  init(_ layer: Layer, inputs: [[Int]]) throws

  /// [C, H, W] or [features] of one example's result.
  var outputShape: [Int] { get }
  /// Whether the result is memory of its own, not another's seen as something else; true by default.
  var keepsResult: Bool { get }
  /// In the published order; none by default.
  var parameters: [LayerTensor] { get }
  /// Running statistics; none by default.
  var statistics: [LayerTensor] { get }

  /// Appends the forward steps of node `i` to a plan, and says how tangents go forward through it and
  /// how gradients and their tangents go back.
  func forward(_ i: Int, in plan: inout PlanBuilder) throws
}

extension LayerType {
  var keepsResult: Bool { true }
  var parameters: [LayerTensor] { [] }
  var statistics: [LayerTensor] { [] }
}

extension PlanBuilder {
  /// Node i changes nothing: gradients and tangents pass as they are.
  mutating func passOn(_ i: Int) {
    let input = network.nodes[i].inputs[0]
    onTangent(i) { b in b.setTangent(i, b.share(b.tangent(input)!)) }
    onLinearBackward(i) { b, g, lane in try b.contribute(input, b.share(g), lane) }
  }
}

/// A tensor that a layer owns.
struct LayerTensor {
  /// What comes after the layer's name and a dot.
  let suffix: String
  let shape: [Int]
  let role: TensorRole
  let initial: InitialValues

  init(_ suffix: String, _ shape: [Int], _ role: TensorRole, _ initial: InitialValues) {
    self.suffix = suffix
    self.shape = shape
    self.role = role
    self.initial = initial
  }
}

/// How a tensor's elements are drawn before training.
enum InitialValues: Equatable {
  case constant(Float)
  /// On ±bound.
  case uniform(bound: Float)
  /// With mean 0.
  case normal(deviation: Float)
}

extension Layer.Initialization {
  /// For a weight [O, I, k, …].
  func weight(_ shape: [Int]) -> InitialValues {
    switch self {
    case .uniformFanIn: bias(weight: shape)
    case .heFanOut:
      .normal(
        deviation: Float(
          (2 / Double(shape.dropFirst(2).reduce(1, *) * shape[0])).squareRoot()))
    }
  }

  /// For the bias beside a weight [O, I, k, …]; fan_in = I·k·k.
  func bias(weight shape: [Int]) -> InitialValues {
    switch self {
    case .uniformFanIn:
      .uniform(bound: Float(1 / Double(shape.dropFirst().reduce(1, *)).squareRoot()))
    case .heFanOut: .constant(0)
    }
  }
}

// What the types' initialisers share.
extension Layer {
  func onlyInput(_ inputs: [[Int]]) throws -> [Int] {
    guard inputs.count == 1 else { throw error("takes one input, not \(inputs.count)") }
    return inputs[0]
  }

  func onlyImage(_ inputs: [[Int]]) throws -> [Int] {
    let shape = try onlyInput(inputs)
    guard shape.count == 3 else {
      throw error("reads [C, H, W], but its input has shape \(shape)")
    }
    return shape
  }

  func outputCount() throws -> Int {
    guard let outputs, outputs > 0 else { throw error("\"outputs\" is missing") }
    return outputs
  }

  func kernelSize() throws -> Int {
    guard let kernel else { throw error("\"kernel\" is missing") }
    return kernel
  }

  /// The sides of what a window that moves over an image [C, H, W] gives.
  func sides(of image: [Int], kernel: Int, stride: Int, padding: Int) throws -> [Int] {
    guard kernel > 0, stride > 0, padding >= 0, padding < kernel else {
      throw error("kernel \(kernel), stride \(stride), padding \(padding) make no window")
    }
    guard image[1...].allSatisfy({ $0 + 2 * padding >= kernel }) else {
      throw error("its window of \(kernel) is larger than its input \(image)")
    }
    return image[1...].map { ($0 + 2 * padding - kernel) / stride + 1 }
  }
}
