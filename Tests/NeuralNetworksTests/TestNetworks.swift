import WeightSpace

@testable import NeuralNetworks
@testable import Randomness

/// Small networks that between them have every kind of layer.
enum TestNetworks {
  static let names = [
    "dense connections in whole blocks", "dense connections across blocks",
    "residual with pooling", "pooling first", "heteroscedastic", "squared error",
    "norm first", "branches of features",
  ]

  static func json(_ name: String) -> String {
    switch name {
    case "dense connections in whole blocks":
      // 8 + 8 channels: the joined tensor's border falls between two blocks of eight.
      """
      {"name": "blocks", "input": [2, 6, 6], "outputs": 3, "layers": [
        {"name": "a", "type": "convolution", "outputs": 8, "kernel": 3, "padding": 1},
        {"name": "na", "type": "batch-norm"}, {"name": "ra", "type": "relu"},
        {"name": "b", "type": "convolution", "outputs": 8, "kernel": 3, "padding": 1, "bias": false},
        {"name": "join", "type": "concat", "inputs": ["ra", "b"]},
        {"name": "nj", "type": "batch-norm"}, {"name": "tj", "type": "tanh"},
        {"name": "c", "type": "convolution", "outputs": 16, "kernel": 1},
        {"name": "gap", "type": "global-average-pool"}, {"name": "flat", "type": "flatten"},
        {"name": "fc", "type": "dense", "outputs": 3}]}
      """
    case "dense connections across blocks":
      // 5 + 3 + 5 channels and the input's 2: no border falls between blocks.
      """
      {"name": "odd", "input": [2, 5, 5], "outputs": 4, "layers": [
        {"name": "a", "type": "convolution", "outputs": 5, "kernel": 3, "padding": 1},
        {"name": "ta", "type": "tanh"},
        {"name": "b", "type": "convolution", "outputs": 3, "kernel": 3, "padding": 1},
        {"name": "sb", "type": "sigmoid"},
        {"name": "join", "type": "concat", "inputs": ["ta", "sb", "a", "input"]},
        {"name": "c", "type": "convolution", "outputs": 6, "kernel": 2, "stride": 2},
        {"name": "nc", "type": "batch-norm", "momentum": 0.3, "epsilon": 0.001},
        {"name": "join2", "type": "concat", "inputs": ["nc", "c"]},
        {"name": "flat", "type": "flatten"}, {"name": "fc", "type": "dense", "outputs": 4}]}
      """
    case "residual with pooling":
      """
      {"name": "residual", "input": [3, 8, 8], "outputs": 3, "layers": [
        {"name": "a", "type": "convolution", "outputs": 8, "kernel": 3, "padding": 1},
        {"name": "pa", "type": "average-pool", "kernel": 2},
        {"name": "na", "type": "batch-norm"}, {"name": "ra", "type": "relu"},
        {"name": "b", "type": "convolution", "outputs": 8, "kernel": 3, "padding": 1},
        {"name": "sum", "type": "add", "inputs": ["b", "pa", "ra"]},
        {"name": "rs", "type": "relu"},
        {"name": "pool", "type": "max-pool", "kernel": 3, "stride": 1},
        {"name": "flat", "type": "flatten"},
        {"name": "h", "type": "dense", "outputs": 5}, {"name": "s", "type": "sigmoid"},
        {"name": "fc", "type": "dense", "outputs": 3, "bias": false}]}
      """
    case "pooling first":
      """
      {"name": "pool", "input": [3, 6, 6], "outputs": 2, "layers": [
        {"name": "p", "type": "average-pool", "kernel": 2, "stride": 2},
        {"name": "t", "type": "tanh"},
        {"name": "a", "type": "convolution", "outputs": 7, "kernel": 2},
        {"name": "m", "type": "max-pool", "kernel": 2},
        {"name": "flat", "type": "flatten"}, {"name": "fc", "type": "dense", "outputs": 2}]}
      """
    case "heteroscedastic":
      """
      {"name": "gaussian", "input": [3], "outputs": 4, "layers": [
        {"name": "h", "type": "dense", "outputs": 6}, {"name": "t", "type": "tanh"},
        {"name": "y", "type": "dense", "outputs": 4}, {"name": "noise", "type": "gaussian"}]}
      """
    case "squared error":
      """
      {"name": "skip", "input": [4], "outputs": 2, "layers": [
        {"name": "h", "type": "dense", "outputs": 4}, {"name": "s", "type": "sigmoid"},
        {"name": "sum", "type": "add", "inputs": ["s", "input"]},
        {"name": "t", "type": "tanh"}, {"name": "y", "type": "dense", "outputs": 2}]}
      """
    case "norm first":
      """
      {"name": "norm", "input": [2, 4, 4], "outputs": 2, "layers": [
        {"name": "n", "type": "batch-norm"}, {"name": "r", "type": "relu"},
        {"name": "a", "type": "convolution", "outputs": 3, "kernel": 3},
        {"name": "n2", "type": "batch-norm"},
        {"name": "flat", "type": "flatten"}, {"name": "fc", "type": "dense", "outputs": 2}]}
      """
    case "branches of features":
      """
      {"name": "wide", "input": [5], "outputs": 3, "layers": [
        {"name": "a", "type": "dense", "outputs": 3},
        {"name": "b", "type": "dense", "outputs": 4, "inputs": ["input"]},
        {"name": "tb", "type": "tanh"},
        {"name": "join", "type": "concat", "inputs": ["a", "tb", "input"]},
        {"name": "r", "type": "relu"}, {"name": "fc", "type": "dense", "outputs": 3}]}
      """
    default: preconditionFailure("no test network is called \(name)")
    }
  }

  static func network(_ name: String) throws -> Network {
    try Network(Architecture(json: json(name)))
  }

  static func loss(_ name: String) -> Loss {
    switch name {
    case "heteroscedastic": .gaussian
    case "squared error": .squaredError
    default: .crossEntropy
    }
  }

  /// Weights with every tensor away from its special initial value.
  static func weights(_ network: Network, seed: UInt64 = 3) -> WeightVector {
    var weights = network.initialWeights(seed: seed)
    var stream = RandomStream(seed: seed, stream: 1 << 40)
    for i in 0..<weights.count { weights[i] += 0.3 * stream.normal() }
    return weights
  }

  static func batch(_ network: Network, _ loss: Loss, count: Int, seed: UInt64 = 5)
    -> NetworkBatch
  {
    var stream = RandomStream(seed: seed, stream: 0)
    let inputs = (0..<(count * network.inputShape.reduce(1, *))).map { _ in stream.normal() }
    let targets: BatchTargets =
      switch loss {
      case .crossEntropy: .classes((0..<count).map { Int32($0 % network.outputCount) })
      case .squaredError: .values((0..<(count * network.outputCount)).map { _ in stream.normal() })
      case .gaussian:
        .values((0..<(count * network.outputCount / 2)).map { _ in stream.normal() })
      }
    return NetworkBatch(inputs: inputs, targets: targets, count: count)
  }
}

extension NetworkBatch {
  /// The inputs example by example, in Double.
  var rows: [[Double]] {
    let width = inputs.count / count
    return (0..<count).map { n in inputs[(n * width)..<((n + 1) * width)].map { Double($0) } }
  }
}
