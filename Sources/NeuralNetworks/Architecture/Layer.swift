/// One layer of an architecture, as it stands in the JSON.
///
/// `inputs` names the layers it reads ("input" is the network's input); without it a layer reads
/// the one before it. Names of layers with parameters become the tensors' prefixes: a convolution
/// `layer1.0.conv1` owns `layer1.0.conv1.weight`.
public struct Layer: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Two-dimensional cross-correlation, weight [O, I, k, k], bias [O].
    case convolution
    /// y = W x + b, weight [O, I], bias [O].
    case dense
    /// BatchNorm over N, H, W: weight γ, bias β, running_mean, running_var, each [C].
    case batchNorm = "batch-norm"
    case relu, tanh, sigmoid
    case maxPool = "max-pool"
    case averagePool = "average-pool"
    /// The mean over H and W.
    case globalAveragePool = "global-average-pool"
    /// [C, H, W] → [C·H·W], C slowest.
    case flatten
    /// The sum of its inputs: a residual connection.
    case add
    /// Its inputs one after the other along the channels: a dense connection.
    case concat
    /// Inverted dropout: in training a unit is kept with probability 1−p and divided by it.
    case dropout
    /// (m, r) → (m, softplus(r) + softplus(var)): mean and variance of a Gaussian, one learned
    /// scalar `var` shared by all examples.
    case gaussian
  }

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
