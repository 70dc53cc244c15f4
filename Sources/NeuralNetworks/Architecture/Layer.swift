/// One layer of an architecture, as it stands in the JSON.
///
/// `inputs` names the layers it reads ("input" is the network's input); without it a layer reads
/// the one before it. Names of layers with parameters become the tensors' prefixes: a convolution
/// `layer1.0.conv1` owns `layer1.0.conv1.weight`.
///
/// The properties are the vocabulary of options that all types share; which of them a type reads,
/// with which defaults and checks, stands in the type's own file in `Layers/`.
public struct Layer: Sendable, Equatable, Codable {
  /// How weights are drawn before training.
  public enum Initialization: String, Sendable, Codable {
    /// Weight and bias uniform on ±1/√fan_in, PyTorch's default.
    case uniformFanIn = "uniform-fan-in"
    /// Weight normal with variance 2/(k²·O), bias zero.
    case heFanOut = "he-fan-out"
  }

  public var name: String
  public var type: Kind
  public var inputs: [String]?
  /// Output channels of a convolution, units of a dense layer.
  public var outputs: Int?
  public var kernel: Int?
  public var stride: Int?
  public var padding: Int?
  public var bias: Bool?
  public var initialization: Initialization?
  /// BatchNorm: running ← (1−momentum)·running + momentum·batch.
  public var momentum: Double?
  public var epsilon: Double?
  /// Dropout: the probability of dropping a unit.
  public var probability: Double?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, type, inputs, outputs, kernel, stride, padding, bias, initialization, momentum
    case epsilon, probability
  }

  public init(_ name: String, _ type: Kind, inputs: [String]? = nil) {
    self.name = name
    self.type = type
    self.inputs = inputs
  }
}

extension Layer {
  /// An error that names this layer.
  func error(_ problem: String) -> NetworkError {
    NetworkError("architecture: layer \(name): \(problem)")
  }

  /// Throws `NetworkError` where the name or a size makes no sense whatever the layer's type.
  func checkNameAndSizes() throws {
    // Names become names of HDF5 datasets.
    guard !name.isEmpty, !name.contains("/") else {
      throw NetworkError(
        "architecture: \"\(name)\" is no name for a layer: a name is not empty and has no slash")
    }
    for (option, value) in [
      ("outputs", outputs), ("kernel", kernel), ("stride", stride), ("padding", padding),
    ] {
      if let value, value > 1 << 30 { throw error("\"\(option)\" \(value) is too large") }
    }
  }
}
