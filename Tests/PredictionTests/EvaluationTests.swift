import Datasets
import Glibc
import NeuralNetworks
import Prediction
import TestSupport
import Testing
import WeightSpace

/// Evaluation and predictive means against the formulas computed from the outputs by hand.
///
/// Outputs come from the engine in Float; what is computed from them is in Double on both sides, so
/// sums agree to 1e-12 relative to their size, and what is stored in Float to 1e-6.
@Suite struct EvaluationTests {
  /// The engine's outputs for every example, by themselves.
  static func outputs(_ predictor: Predictor, _ dataset: Dataset) -> [[Double]] {
    var loader = BatchLoader(dataset, batchSize: 1)
    var batch = Batch()
    return (0..<dataset.count).map { n in
      loader.load(batch: n, into: &batch)
      return predictor.predict(batch.inputs, count: 1) { y in
        (0..<predictor.network.outputCount).map { Double(y[$0]) }
      }
    }
  }

  static func predictor(_ network: Network, seed: UInt64, batchSize: Int) throws -> Predictor {
    let predictor = try Predictor(network, batchSize: batchSize)
    let weights = network.initialWeights(seed: seed)
    predictor.load { w, b in
      w.copy(from: weights)
      b.copy(from: network.initialBuffers())
    }
    return predictor
  }

  static func softmax(_ y: [Double]) -> [Double] {
    let sum = y.reduce(0) { $0 + exp($1) }
    return y.map { exp($0) / sum }
  }

  @Test(arguments: [1, 8, 23, 64])
  func classification(_ batchSize: Int) throws {
    let data = Tiny.images()
    let network = try Network(Architecture(json: Tiny.json))
    let predictor = try Self.predictor(network, seed: 1, batchSize: batchSize)
    let outputs = Self.outputs(predictor, data)
    guard case .classes(let classes) = data.targets else { throw Unexpected(data.targets) }
    var loss = 0.0
    var correct = 0
    for (y, c) in zip(outputs, classes) {
      loss -= log(Self.softmax(y)[Int(c)])
      if y.firstIndex(of: y.max()!) == Int(c) { correct += 1 }
    }
    var seen = 0
    let result = try Evaluation(predictor, data, loss: .crossEntropy) { seen += $0 }
    // Batches of another size may sum in another order: Float rounding of the outputs.
    #expect(abs(result.loss - loss / 23) < 1e-6)
    #expect(result.accuracy == Double(correct) / 23)
    #expect(seen == 23)
  }

  @Test func regressionInTheTargetsUnits() throws {
    let data = Tiny.curve()
    guard case .values(let targets, _) = data.targets else { throw Unexpected(data.targets) }
    let plain = try Network(Architecture(name: "mlp:5", input: [2], outputs: 1))
    let predictor = try Self.predictor(plain, seed: 1, batchSize: 4)
    let outputs = Self.outputs(predictor, data)
    var squares = 0.0
    for (y, t) in zip(outputs, targets) { squares += pow(y[0] * 25 + 95 - Double(t), 2) }
    let result = try Evaluation(predictor, data, loss: .squaredError)
    #expect(abs(result.rootMeanSquaredError / (squares / 17).squareRoot() - 1) < 1e-5)
    #expect(abs(result.loss / (squares / 17 / 625) - 1) < 1e-5)
    #expect(data.defaultLoss == .squaredError)

    let noisy = try Network(Architecture(name: "regnet:5", input: [2], outputs: 2))
    let second = try Self.predictor(noisy, seed: 2, batchSize: 4)
    var loss = 0.0
    var errors = 0.0
    for (y, t) in zip(Self.outputs(second, data), targets) {
      let d = y[0] - (Double(t) - 95) / 25
      loss += d * d / (2 * y[1]) + 0.5 * log(y[1])
      errors += d * d * 625
    }
    let gaussian = try Evaluation(second, data, loss: .gaussian)
    #expect(abs(gaussian.loss - loss / 17) < 1e-5)
    #expect(abs(gaussian.rootMeanSquaredError / (errors / 17).squareRoot() - 1) < 1e-5)
  }

  /// Every target counts in its own units.
  @Test(arguments: [Loss.squaredError, .gaussian])
  func severalTargets(_ loss: Loss) throws {
    let inputs: [Float] = (0..<60).map { Float(($0 * 7) % 13) / 13 }
    let targets: [Float] = (0..<60).map { Float(($0 * 5) % 11) * ($0 % 3 == 0 ? 0.01 : 300) }
    var data = Dataset(
      name: "three", inputShape: [3], inputs: .floats(inputs), targets: .values(targets, width: 3))
    data.computeConstants()
    let network = try Network(
      Architecture(
        name: "regnet:7", input: [3], outputs: loss == .gaussian ? 6 : 3,
        predictingVariance: loss == .gaussian))
    let predictor = try Self.predictor(network, seed: 3, batchSize: 8)
    var squares = 0.0
    for (n, y) in Self.outputs(predictor, data).enumerated() {
      for d in 0..<3 {
        let value = y[d] * Double(data.targetStd[d]) + Double(data.targetMean[d])
        squares += pow(value - Double(targets[3 * n + d]), 2)
      }
    }
    let found = try Evaluation(predictor, data, loss: loss).rootMeanSquaredError
    #expect(abs(found / (squares / 60).squareRoot() - 1) < 1e-5)
  }

  /// Weights so large that sums overflow.
  @Test func outputsThatAreNotFinite() throws {
    let data = Tiny.curve()
    let network = try Network(Architecture(name: "mlp:5", input: [2], outputs: 1))
    let predictor = try Predictor(network, batchSize: 4)
    predictor.load { w, _ in for i in 0..<w.count { w[i] = 3e38 } }
    #expect(throws: NonFiniteOutput(example: 0, what: "an output", value: .infinity)) {
      _ = try Evaluation(predictor, data, loss: .squaredError)
    }
    var mean = PredictiveMean(data, network)
    #expect(throws: NonFiniteOutput.self) { try mean.add(predictor) }
  }

  /// A mean of some rows is that part of the mean of all.
  @Test func meansOfRows() throws {
    let data = Tiny.images()
    let network = try Network(Architecture(json: Tiny.json))
    var whole = PredictiveMean(data, network)
    var part = PredictiveMean(data, network, rows: 8..<23)
    for seed in [1, 2] as [UInt64] {
      let predictor = try Self.predictor(network, seed: seed, batchSize: 8)
      try whole.add(predictor)
      try part.add(predictor)
    }
    #expect(part.probabilities == Array(whole.probabilities[24...]))
  }

  /// The mean of three members' probabilities, not the softmax of their mean outputs.
  @Test func meanOfProbabilities() throws {
    let data = Tiny.images()
    let network = try Network(Architecture(json: Tiny.json))
    var mean = PredictiveMean(data, network)
    var sums = Array(repeating: 0.0, count: 23 * 3)
    var kept: [Float] = []
    for seed in [1, 2, 3] as [UInt64] {
      let predictor = try Self.predictor(network, seed: seed, batchSize: 8)
      let own = Self.outputs(predictor, data).flatMap(Self.softmax)
      for i in own.indices { sums[i] += own[i] }
      if seed == 2 {
        try mean.add(
          predictor,
          each: { rows in
            #expect(rows.range.lowerBound * 3 == kept.count)
            kept += rows.values
          })
        #expect(zip(kept, own).allSatisfy { abs(Double($0) - $1) < 1e-6 })
      } else {
        try mean.add(predictor)
      }
    }
    #expect(mean.memberCount == 3 && kept.count == 69)
    let found = mean.probabilities
    #expect(zip(found, sums).allSatisfy { abs(Double($0) - $1 / 3) < 1e-6 })
    for n in 0..<23 {
      #expect(abs(found[(3 * n)..<(3 * n + 3)].reduce(0, +) - 1) < 1e-6)
    }
  }

  /// The equal mixture of three Gaussians, in the targets' units.
  @Test func meanAndVarianceOfARegression() throws {
    let data = Tiny.curve()
    let network = try Network(Architecture(name: "regnet:5", input: [2], outputs: 2))
    var mean = PredictiveMean(data, network)
    var members: [[[Double]]] = []
    for seed in [1, 2, 3] as [UInt64] {
      let predictor = try Self.predictor(network, seed: seed, batchSize: 8)
      members.append(Self.outputs(predictor, data))
      try mean.add(predictor)
    }
    for n in 0..<17 {
      let m = members.map { $0[n][0] * 25 + 95 }
      let v = members.map { $0[n][1] * 625 }
      let center = m.reduce(0, +) / 3
      let aleatoric = v.reduce(0, +) / 3
      let epistemic = m.map { ($0 - center) * ($0 - center) }.reduce(0, +) / 3
      #expect(abs(Double(mean.mean[n]) - center) < 1e-5 * abs(center))
      #expect(abs(Double(mean.aleatoricVariance[n]) - aleatoric) < 1e-5 * aleatoric)
      #expect(abs(Double(mean.epistemicVariance[n]) - epistemic) < 1e-4 * epistemic)
      #expect(
        abs(Double(mean.variance[n]) - aleatoric - epistemic) < 1e-5 * (aleatoric + epistemic))
    }
  }
}
