import Objectives
import TestSupport
import Testing
import WeightSpace

@testable import NeuralNetworks

/// Running statistics against their definitions computed by hand.
@Suite struct BatchStatisticsTests {
  static let networks = [
    "dense connections in whole blocks", "dense connections across blocks",
    "residual with pooling", "norm first",
  ]

  /// The published cumulative average: for a batch of b examples after n,
  ///
  ///     running ← n/(n+b) · running + b/(n+b) · batch
  ///
  /// with the batch's mean and unbiased variance; that is Σ b · batch / N. Float activations of size
  /// one: 1e-5 of the largest entry.
  @Test(arguments: networks)
  func refresherIsThePublishedAverage(_ name: String) throws {
    let network = try TestNetworks.network(name)
    let weights = TestNetworks.weights(network)
    let refresher = StatisticsRefresher(network)
    // What came before a reset must not matter.
    let other = TestNetworks.batch(network, .crossEntropy, count: 3, seed: 77)
    try refresher.update(at: weights, inputs: other.inputs, count: 3)
    refresher.reset()

    var naive = NaiveNetwork(network)
    var running: [String: [Double]] = [:]
    var seen = 0.0
    for (k, count) in [7, 7, 3].enumerated() {
      let batch = TestNetworks.batch(network, .crossEntropy, count: count, seed: UInt64(k))
      try refresher.update(at: weights, inputs: batch.inputs, count: count)
      _ = naive.outputs(weights.elements.map { Double($0) }, batch.rows)
      let m = Double(count) / (seen + Double(count))
      for (tensor, values) in naive.statistics {
        let old = running[tensor] ?? Array(repeating: 0, count: values.count)
        running[tensor] = zip(old, values).map { (1 - m) * $0 + m * $1 }
      }
      seen += Double(count)
    }
    let found = refresher.result().elements
    #expect(!network.bufferLayout.slots.isEmpty)
    for slot in network.bufferLayout.slots {
      let error = relativeError(Array(found[slot.range]), running[slot.name]!.map { Float($0) })
      #expect(error < 1e-5, "\(name): \(slot.name) differs by \(error)")
    }
  }

  /// One training pass: running ← (1 − m) running + m batch with each layer's own momentum.
  @Test(arguments: networks)
  func trainingMovesTheRunningStatistics(_ name: String) throws {
    let network = try TestNetworks.network(name)
    let weights = TestNetworks.weights(network)
    let batch = TestNetworks.batch(network, .crossEntropy, count: 5)
    let objective = try NetworkObjective(network, loss: .crossEntropy)
    var gradient = WeightVector(count: network.parameterCount)
    _ = try objective.valueAndGradient(at: weights, batch, Step(), gradient: &gradient)
    var buffers = network.initialBuffers()
    objective.moveStatistics(&buffers)

    var naive = NaiveNetwork(network)
    _ = naive.outputs(weights.elements.map { Double($0) }, batch.rows)
    for node in network.nodes where node.layer.type == .batchNorm {
      let m = node.layer.momentum ?? 0.1
      for (suffix, initial) in [("running_mean", 0.0), ("running_var", 1.0)] {
        let slot = network.bufferLayout["\(node.layer.name).\(suffix)"]!
        let expected = naive.statistics[slot.name]!.map { Float((1 - m) * initial + m * $0) }
        let error = relativeError(Array(buffers.elements[slot.range]), expected)
        #expect(error < 1e-5, "\(name): \(slot.name) differs by \(error)")
      }
    }
  }

  /// One value per channel: there is no unbiased variance, and nothing becomes infinite.
  @Test func aSingleValuePerChannel() throws {
    let network = try Network(
      Architecture(
        json: """
          {"name": "one", "input": [2, 1, 1], "outputs": 2, "layers": [
            {"name": "c", "type": "convolution", "outputs": 3, "kernel": 1},
            {"name": "n", "type": "batch-norm"}, {"name": "flat", "type": "flatten"},
            {"name": "fc", "type": "dense", "outputs": 2}]}
          """))
    let weights = TestNetworks.weights(network)
    let refresher = StatisticsRefresher(network)
    try refresher.update(at: weights, inputs: [0.5, -1], count: 1)
    let result = refresher.result()
    for slot in network.bufferLayout.slots {
      for i in slot.range where slot.role == .runningVariance { #expect(result[i] == 0) }
    }
    let objective = try NetworkObjective(network, loss: .crossEntropy)
    var gradient = WeightVector(count: network.parameterCount)
    let batch = NetworkBatch(inputs: [0.5, -1], targets: .classes([1]), count: 1)
    let value = try objective.valueAndGradient(
      at: weights, batch, Step(), gradient: &gradient
    ).loss
    var buffers = network.initialBuffers()
    objective.moveStatistics(&buffers)
    #expect(value.isFinite)
    #expect(gradient.elements.allSatisfy(\.isFinite) && buffers.elements.allSatisfy(\.isFinite))
  }

  /// A hundred thousand values far from 0 on one channel: sums in Float would be off by 10⁻⁴. What is
  /// left is the rounding of the result.
  @Test(arguments: [1, 5, 16])
  func statisticsAreSummedUpInDouble(channels: Int) throws {
    let network = try Network(
      Architecture(
        json: """
          {"name": "n", "input": [\(channels), 32, 32], "outputs": 1, "layers": [
            {"name": "bn", "type": "batch-norm"}, {"name": "again", "type": "batch-norm"},
            {"name": "gap", "type": "global-average-pool"}, {"name": "f", "type": "flatten"},
            {"name": "fc", "type": "dense", "outputs": 1}]}
          """))
    let count = 100
    let inputs: [Float] = (0..<(count * channels * 1024)).map { i in
      let fraction = Float((i * 7919) % 10007) / 10007
      return 3 + fraction + Float(i % 3)
    }
    let refresher = StatisticsRefresher(network)
    try refresher.update(at: network.initialWeights(seed: 0), inputs: inputs, count: count)
    let found = refresher.result()
    for c in 0..<channels {
      let values: [Double] = (0..<(count * 1024)).map { k in
        let plane = k / 1024 * channels + c
        return Double(inputs[plane * 1024 + k % 1024])
      }
      let n = Double(values.count)
      let mean = values.reduce(0, +) / n
      var squares = 0.0
      for value in values { squares += (value - mean) * (value - mean) }
      let (biased, unbiased) = (squares / n, squares / (n - 1))
      func number(_ tensor: String) -> Double {
        let first = network.bufferLayout[tensor]!.range.lowerBound
        return Double(found[first + c])
      }
      #expect(abs(number("bn.running_mean") / mean - 1) < 1e-7)
      #expect(abs(number("bn.running_var") / unbiased - 1) < 1e-7)
      // Normalised by these: mean 0 and variance n / (n − 1) of 1 / (1 + ε / variance).
      let expected: Double = biased / (biased + 1e-5) * n / (n - 1)
      #expect(abs(number("again.running_mean")) < 1e-6)
      #expect(abs(number("again.running_var") / expected - 1) < 1e-6)
    }
  }
}
