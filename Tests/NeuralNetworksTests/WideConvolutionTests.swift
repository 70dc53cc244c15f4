import Objectives
import TestSupport
import Testing
import WeightSpace

@testable import NeuralNetworks
@testable import Randomness

/// Convolutions of whole blocks of channels, which oneDNN computes by Winograd's algorithm or in
/// channels-last order where it can, beside the naive twin in Double. Images of 9 × 9 do not fill
/// Winograd's tiles of 4 × 4.
@Suite struct WideConvolutionTests {
  static let json = """
    {"name": "wide", "input": [3, 9, 9], "outputs": 3, "layers": [
      {"name": "a", "type": "convolution", "outputs": 16, "kernel": 3, "padding": 1, "bias": false},
      {"name": "na", "type": "batch-norm"}, {"name": "ra", "type": "relu"},
      {"name": "b", "type": "convolution", "outputs": 16, "kernel": 3, "padding": 1},
      {"name": "ab", "type": "add", "inputs": ["b", "ra"]}, {"name": "rb", "type": "relu"},
      {"name": "c", "type": "convolution", "outputs": 32, "kernel": 3, "padding": 1},
      {"name": "rc", "type": "relu"},
      {"name": "d", "type": "convolution", "outputs": 32, "kernel": 3, "padding": 1, "bias": false},
      {"name": "nd", "type": "batch-norm"}, {"name": "rd", "type": "relu"},
      {"name": "e", "type": "convolution", "outputs": 32, "kernel": 3, "padding": 1},
      {"name": "ce", "type": "add", "inputs": ["e", "rc"]},
      {"name": "f", "type": "convolution", "outputs": 48, "kernel": 3, "padding": 1},
      {"name": "rf", "type": "relu"}, {"name": "gap", "type": "global-average-pool"},
      {"name": "flat", "type": "flatten"}, {"name": "fc", "type": "dense", "outputs": 3}]}
    """

  /// Sums of up to 432 terms in Float through seven layers, at most 1e-5 of the largest; Winograd's
  /// transformations lose a digit more. The derivative along a random direction sums 60 000 such
  /// errors with random signs.
  @Test func beforeTheNaiveTwin() throws {
    let network = try Network(Architecture(json: Self.json))
    let weights = network.initialWeights(seed: 3)
    let batch = TestNetworks.batch(network, .crossEntropy, count: 3)
    let objective = try NetworkObjective(network, loss: .crossEntropy)
    var gradient = WeightVector(count: network.parameterCount)
    _ = try objective.valueAndGradient(at: weights, batch, Step(), gradient: &gradient)
    var naive = NaiveNetwork(network)
    let exact = weights.elements.map { Double($0) }
    let rows = batch.rows
    let outputs = naive.outputs(exact, rows).flatMap { $0 }.map { Float($0) }
    #expect(relativeError(objective.outputs, outputs) < 1e-4)
    for seed in 0..<4 {
      var stream = RandomStream(seed: UInt64(seed), stream: 9)
      let direction = exact.indices.map { _ in Double(stream.normal()) }
      let h = 1e-7
      let above = naive.loss(
        .crossEntropy, zip(exact, direction).map { $0 + h * $1 }, rows, batch.targets)
      let below = naive.loss(
        .crossEntropy, zip(exact, direction).map { $0 - h * $1 }, rows, batch.targets)
      var product = 0.0
      for i in direction.indices { product += Double(gradient[i]) * direction[i] }
      let expected = (above - below) / (2 * h)
      #expect(abs(product - expected) < 1e-3 * gradient.norm, "\(product), not \(expected)")
    }
  }
}
