import Datasets
import Glibc
import NeuralNetworks
import Objectives
import Prediction
import TestSupport
import Testing
import WeightSpace

/// The likelihood of a data set beside its definition, computed from a network's outputs.
///
/// Outputs are Float: a sum over N examples of terms of size 1 agrees to N · 10⁻⁶.
@Suite struct LikelihoodTests {
  private func likelihood(
    _ network: Network, _ data: Dataset, _ loss: Loss, noiseStd: Double? = nil, batchSize: Int = 8
  ) throws -> DatasetLikelihood {
    try DatasetLikelihood(
      network, data, loss: loss, noiseStd: noiseStd, batchSize: batchSize, seed: 3)
  }

  private func outputs(_ network: Network, _ data: Dataset) throws -> [[Double]] {
    EvaluationTests.outputs(
      try EvaluationTests.predictor(network, seed: 1, batchSize: 1), data)
  }

  @Test func classes() throws {
    let data = Tiny.images()
    let network = try Network(Architecture(name: "mlp:7", input: [1, 6, 6], outputs: 3))
    guard case .classes(let classes) = data.targets else { throw Unexpected(data.targets) }
    var known = 0.0
    for (y, c) in zip(try outputs(network, data), classes) {
      known += log(EvaluationTests.softmax(y)[Int(c)])
    }
    for batchSize in [1, 8, 23, 64] {
      let value = try likelihood(network, data, .crossEntropy, batchSize: batchSize).value(
        at: network.initialWeights(seed: 1))
      #expect(abs(value - known) < 23e-6)
    }
  }

  /// Densities of targets in their own units, whatever units the network works in.
  @Test func regression() throws {
    let data = Tiny.curve()
    guard case .values(let targets, _) = data.targets else { throw Unexpected(data.targets) }
    func logDensity(_ y: Double, _ mean: Double, _ variance: Double) -> Double {
      -0.5 * (log(2 * Double.pi * variance) + (y - mean) * (y - mean) / variance)
    }
    let plain = try Network(Architecture(name: "mlp:5", input: [2], outputs: 1))
    var known = 0.0
    for (y, t) in zip(try outputs(plain, data), targets) {
      known += logDensity(Double(t), y[0] * 25 + 95, 9)
    }
    let value = try likelihood(plain, data, .squaredError, noiseStd: 3).value(
      at: plain.initialWeights(seed: 1))
    // Errors are of the size of 100 = 33 standard deviations.
    #expect(abs(value - known) < 17e-6 * 1100)

    let split = try Network(Architecture(name: "regnet:6,5", input: [2], outputs: 2))
    known = 0
    for (y, t) in zip(try outputs(split, data), targets) {
      known += logDensity(Double(t), y[0] * 25 + 95, y[1] * 625)
    }
    let learned = try likelihood(split, data, .gaussian).value(at: split.initialWeights(seed: 1))
    #expect(abs(learned - known) < 17e-6)
  }

  /// BatchNorm uses the batches' own statistics, and dropout drops nothing, time after time.
  @Test func batchStatisticsWithoutDropout() throws {
    let data = Tiny.images()
    let network = try Network(Architecture(json: Tiny.json))
    let weights = network.initialWeights(seed: 1)
    let plain = try Network(
      Architecture(json: Tiny.json.replacing("\"probability\": 0.3", with: "\"probability\": 0")))
    let objective = try NetworkObjective(plain, loss: .crossEntropy)
    var gradient = WeightVector(count: plain.parameterCount)
    var loader = BatchLoader(data, batchSize: 8)
    var batch = Batch()
    var known = 0.0
    for k in 0..<loader.batchCount {
      loader.load(batch: k, into: &batch)
      known -=
        try objective.valueAndGradient(
          at: weights, NetworkBatch(batch), Objectives.Step(), gradient: &gradient
        ).loss * Double(batch.count)
    }
    let likelihood = try likelihood(network, data, .crossEntropy)
    let value = try likelihood.value(at: weights)
    #expect(abs(value - known) < 23e-6)
    #expect(try likelihood.value(at: weights) == value)
    let whole = try self.likelihood(network, data, .crossEntropy, batchSize: 23)
    #expect(abs(try whole.value(at: weights) - value) > 1e-3)
    #expect(
      abs(try likelihood.valueAndGradient(at: weights, gradient: &gradient) - value) < 23e-6)
  }

  /// Along a direction the gradient is the difference quotient; value and gradient are the means of
  /// the stochastic ones of an epoch.
  @Test(arguments: [Loss.crossEntropy, .squaredError, .gaussian])
  func gradients(_ loss: Loss) throws {
    let data = loss == .crossEntropy ? Tiny.images() : Tiny.curve()
    let network = try Network(
      loss == .crossEntropy
        ? Architecture(name: "mlp:7", input: [1, 6, 6], outputs: 3)
        : Architecture(
          name: loss == .gaussian ? "regnet:6,5" : "mlp:5", input: [2],
          outputs: loss == .gaussian ? 2 : 1))
    let likelihood = try likelihood(
      network, data, loss, noiseStd: loss == .squaredError ? 20 : nil)
    var weights = network.initialWeights(seed: 1)
    var gradient = WeightVector(count: weights.count)
    let value = try likelihood.valueAndGradient(at: weights, gradient: &gradient)
    var sum = WeightVector(count: weights.count)
    var part = WeightVector(count: weights.count)
    var mean = 0.0
    for step in 0..<likelihood.batchCount {
      mean += try likelihood.stochasticValueAndGradient(
        at: weights, step: 6 + step, gradient: &part)
      sum.add(scaled: 1 / Float(likelihood.batchCount), part)
    }
    mean /= Double(likelihood.batchCount)
    #expect(abs(mean - value) < 1e-6 * Double(data.count) * max(1, abs(value)))
    // Float gradients, each of some hundred terms.
    #expect(sum.distance(to: gradient) < 1e-5 * gradient.norm)
    let direction = network.initialWeights(seed: 2)
    let h: Float = 1e-2
    weights.add(scaled: h, direction)
    let up = try likelihood.value(at: weights)
    weights.add(scaled: -2 * h, direction)
    let down = try likelihood.value(at: weights)
    let slope = gradient.dot(direction)
    // The quotient's own error is of the order h² of a function whose curvature is of the order 1.
    let size = gradient.norm * direction.norm
    #expect(abs((up - down) / Double(2 * h) - slope) < 2e-2 * size)
  }

  @Test func noiseThatDoesNotSuit() throws {
    let plain = try Network(Architecture(name: "mlp:5", input: [2], outputs: 1))
    let split = try Network(Architecture(name: "regnet:6", input: [2], outputs: 2))
    #expect(throws: NetworkError.self) { try likelihood(plain, Tiny.curve(), .squaredError) }
    #expect(throws: NetworkError.self) {
      try likelihood(split, Tiny.curve(), .gaussian, noiseStd: 1)
    }
  }
}
