import Testing
import WeightSpace

@testable import NeuralNetworks

@Suite struct DropoutSamplingTests {
  func outputs(_ predictor: Predictor, _ batch: NetworkBatch) -> [Float] {
    predictor.predict(batch.inputs, count: batch.count) { outputs in
      outputs.indices.map { outputs[$0] }
    }
  }

  /// A linear layer behind dropout of probability p: with h the units before it, the output's mean
  /// over the masks is Σ wᵢ hᵢ, what prediction gives, and its variance Σ (wᵢ hᵢ)² p/(1 − p).
  @Test func momentsOfALinearLayer() throws {
    let json = """
      {"name": "linear", "input": [40], "outputs": 1, "layers": [
        {"name": "drop", "type": "dropout", "probability": 0.25},
        {"name": "fc", "type": "dense", "outputs": 1}]}
      """
    let network = try Network(Architecture(json: json))
    #expect(network.hasDropout)
    let weights = TestNetworks.weights(network)
    let batch = TestNetworks.batch(network, .squaredError, count: 3)
    let plain = try Predictor(network, batchSize: 3)
    let sampled = try Predictor(network, batchSize: 3, dropoutSeed: 4)
    for predictor in [plain, sampled] { predictor.load { w, _ in w.copy(from: weights) } }
    let expected = outputs(plain, batch)
    let draws = 4000
    var sums = [0.0, 0, 0]
    var squares = [0.0, 0, 0]
    for _ in 0..<draws {
      for (n, value) in outputs(sampled, batch).enumerated() {
        let d = Double(value - expected[n])
        sums[n] += d / Double(draws)
        squares[n] += d * d / Double(draws)
      }
    }
    let w = network.parameterLayout["fc.weight"]!.range
    for n in 0..<3 {
      var variance = 0.0
      for i in 0..<40 {
        let part = Double(weights[w.lowerBound + i] * batch.inputs[n * 40 + i])
        variance += part * part / 3
      }
      // Four standard errors; that of a variance is √(κ − 1)/√n of it, with a kurtosis κ below 5.
      #expect(abs(sums[n]) < 4 * (variance / Double(draws)).squareRoot())
      #expect(abs(squares[n] / variance - 1) < 4 * 2 / Double(draws).squareRoot())
    }
  }

  /// Each batch has masks of its own, which the seed and the batch's number decide.
  @Test func masksFollowSeedAndPass() throws {
    let network = try Network(Architecture(json: GradientTests.dropout))
    let weights = TestNetworks.weights(network)
    let batch = TestNetworks.batch(network, .crossEntropy, count: 7)
    func predictor(_ seed: UInt64, pass: UInt64 = 0) throws -> Predictor {
      let predictor = try Predictor(network, batchSize: 7, dropoutSeed: seed)
      predictor.dropoutPass = pass
      predictor.load { w, _ in w.copy(from: weights) }
      return predictor
    }
    let first = try predictor(1)
    let a = outputs(first, batch)
    let b = outputs(first, batch)
    #expect(a != b && first.dropoutPass == 2)
    #expect(try outputs(predictor(1), batch) == a)
    #expect(try outputs(predictor(1, pass: 1), batch) == b)
    #expect(try outputs(predictor(2), batch) != a)
  }

  /// BatchNorm keeps its running statistics: without a unit dropped, sampling is predicting.
  @Test func runningStatisticsAreUsed() throws {
    let json = """
      {"name": "norm", "input": [3, 8, 8], "outputs": 4, "layers": [
        {"name": "conv", "type": "convolution", "outputs": 8, "kernel": 3},
        {"name": "bn", "type": "batch-norm"}, {"name": "relu", "type": "relu"},
        {"name": "bn2", "type": "batch-norm"},
        {"name": "drop", "type": "dropout", "probability": PROBABILITY},
        {"name": "flat", "type": "flatten"}, {"name": "fc", "type": "dense", "outputs": 4}]}
      """
    let network = try Network(
      Architecture(json: json.replacing("PROBABILITY", with: "0")))
    #expect(!network.hasDropout)
    let weights = TestNetworks.weights(network)
    let batch = TestNetworks.batch(network, .crossEntropy, count: 5)
    var results: [[Float]] = []
    for seed in [nil, 3] as [UInt64?] {
      let predictor = try Predictor(network, batchSize: 5, dropoutSeed: seed)
      predictor.load { w, b in
        w.copy(from: weights)
        for i in 0..<b.count { b[i] = 0.5 + Float(i % 5) }
      }
      results.append(outputs(predictor, batch))
    }
    #expect(results[0] == results[1] && results[0].contains { $0 != 0 })
    let dropping = try Network(
      Architecture(json: json.replacing("PROBABILITY", with: "0.5")))
    #expect(dropping.hasDropout)
  }
}
