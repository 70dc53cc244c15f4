import Datasets
import NeuralNetworks
import Prediction
import TestSupport
import Testing

/// What is computed from outputs that somebody else has computed is what is computed from a network's.
@Suite struct OutputFormTests {
  /// A predictor's outputs for all examples, batch by batch.
  static func outputs(_ predictor: Predictor, _ data: Dataset) -> [Float] {
    var loader = BatchLoader(data, batchSize: predictor.batchSize)
    var batch = Batch()
    var result: [Float] = []
    for k in 0..<loader.batchCount {
      loader.load(batch: k, into: &batch)
      predictor.predict(batch.inputs, count: batch.count) { y in
        for i in 0..<y.count { result.append(y[i]) }
      }
    }
    return result
  }

  /// The means of both over two members, each handed out in blocks of another size.
  static func means(
    _ network: Network, _ data: Dataset, form: OutputForm? = nil,
    outputs transform: ([Float]) -> [Float] = { $0 }
  ) throws -> (native: PredictiveMean, other: PredictiveMean) {
    var native = PredictiveMean(data, network, noiseStd: 0.5)
    let form = form ?? OutputForm(network, for: data)
    var other = PredictiveMean(data, form, noiseStd: 0.5)
    for seed: UInt64 in [1, 2] {
      let predictor = try EvaluationTests.predictor(network, seed: seed, batchSize: 8)
      try native.add(predictor)
      let y = transform(outputs(predictor, data))
      try other.add(rowsAtATime: 5) { rows in
        Array(y[(rows.lowerBound * form.count)..<(rows.upperBound * form.count)])
      }
    }
    return (native, other)
  }

  @Test func logitsToTheBit() throws {
    let network = try Network(Architecture(json: Tiny.json))
    let data = Tiny.images()
    let (native, other) = try Self.means(network, data)
    #expect(native.probabilities == other.probabilities)
    let predictor = try EvaluationTests.predictor(network, seed: 1, batchSize: 8)
    let y = Self.outputs(predictor, data)
    let form = OutputForm(.logits, count: 3, inTargetUnits: true)
    // The inputs are not needed.
    let labels = Dataset(
      name: data.name, inputShape: [0], inputs: .floats([]), targets: data.targets,
      classNames: data.classNames)
    let evaluation = try Evaluation(labels, form, batchSize: 8) {
      Array(y[($0.lowerBound * 3)..<($0.upperBound * 3)])
    }
    #expect(try evaluation == Evaluation(predictor, data, loss: .crossEntropy))
  }

  /// Probabilities are those of the outputs, rounded to Float once: 6e-8 for each, and in a logarithm
  /// relative to it.
  @Test func probabilities() throws {
    let network = try Network(Architecture(json: Tiny.json))
    let data = Tiny.images()
    let form = OutputForm(.probabilities, count: 3, inTargetUnits: true)
    func softmax(_ y: [Float]) -> [Float] {
      var result: [Float] = []
      for n in stride(from: 0, to: y.count, by: 3) {
        result += EvaluationTests.softmax(y[n..<(n + 3)].map { Double($0) }).map { Float($0) }
      }
      return result
    }
    let (native, other) = try Self.means(network, data, form: form, outputs: softmax)
    for (a, b) in zip(native.probabilities, other.probabilities) { #expect(abs(a - b) < 2e-7) }
    let predictor = try EvaluationTests.predictor(network, seed: 1, batchSize: 8)
    let p = softmax(Self.outputs(predictor, data))
    let found = try Evaluation(data, form, batchSize: 8) {
      Array(p[($0.lowerBound * 3)..<($0.upperBound * 3)])
    }
    let expected = try Evaluation(predictor, data, loss: .crossEntropy)
    #expect(found.accuracy == expected.accuracy)
    #expect(abs(found.loss - expected.loss) < 1e-6)
    // A probability of 0 costs as much as the least Float, 149 log 2, and no row is lost.
    let sure = try Evaluation(data, form, batchSize: 23) { rows in
      rows.flatMap { _ -> [Float] in [1, 0, 0] }
    }
    guard case .classes(let classes) = data.targets else { throw Unexpected(data.targets) }
    let others = Double(classes.count { $0 != 0 })
    #expect(abs(sure.loss - others / 23 * 149 * 0.6931471805599453) < 1e-4)
  }

  /// Numbers in the targets' own units give what normalised ones give, to Float's rounding of numbers
  /// about 100.
  @Test(arguments: [false, true]) func regression(_ predictsVariance: Bool) throws {
    let data = Tiny.curve()
    let network = try Network(
      Architecture(
        name: "regnet:8", input: [2], outputs: predictsVariance ? 2 : 1,
        predictingVariance: predictsVariance))
    let form = OutputForm(
      predictsVariance ? .meanAndVariance : .values, count: network.outputCount,
      inTargetUnits: true)
    func own(_ y: [Float]) -> [Float] {
      y.enumerated().map { i, v in
        predictsVariance && i % 2 == 1 ? v * 625 : Float(Double(v) * 25 + 95)
      }
    }
    let (native, other) = try Self.means(network, data, form: form, outputs: own)
    for (a, b) in zip(native.mean, other.mean) { #expect(abs(a - b) < 2e-5) }
    for (a, b) in zip(native.variance, other.variance) {
      #expect(abs(a - b) < 1e-4 * max(1, abs(a)))
    }
    let predictor = try EvaluationTests.predictor(network, seed: 1, batchSize: 8)
    let y = own(Self.outputs(predictor, data))
    let width = network.outputCount
    let found = try Evaluation(data, form, batchSize: 8) {
      Array(y[($0.lowerBound * width)..<($0.upperBound * width)])
    }
    let expected = try Evaluation(predictor, data, loss: data.loss(for: network))
    #expect(abs(found.loss - expected.loss) < 1e-5 * max(1, abs(expected.loss)))
    #expect(
      abs(found.rootMeanSquaredError - expected.rootMeanSquaredError)
        < 1e-5 * expected.rootMeanSquaredError)
  }
}
