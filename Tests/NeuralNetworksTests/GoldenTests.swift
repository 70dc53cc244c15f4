import Objectives
import TestSupport
import Testing
import WeightSpace

@testable import NeuralNetworks

/// Agreement with PyTorch, in float64, on the published networks.
///
/// The engine computes in Float, ε = 6e-8. Outputs and losses agree to 3e-5 of the largest entry:
/// errors of random signs are √4608 ε = 4e-6 of a sum of 4608 terms, and √56 of that after 56 layers.
/// Gradients agree to 1e-4 of a tensor's norm where no ReLU's input is so near to 0 that it might
/// round to the other side. Where one is (`margin` says how near), two correct implementations
/// differ by the gradient through that unit; PyTorch's own two memory layouts then differ by up to
/// 9e-3 on preresnet56, and so may we, by 2e-2.
@Suite struct GoldenTests {
  /// A golden with its network and vectors.
  struct Case {
    let golden: PyTorchGolden
    let network: Network
    let batch: NetworkBatch
    let loss: Loss
    var gradientTolerance: Double { golden.margin > 1e-5 ? 1e-4 : 2e-2 }

    init(_ name: String) throws {
      golden = try PyTorchGolden(name)
      network = try Network(
        Architecture(
          name: golden.model, input: golden.input, outputs: golden.outputs, dropout: 0))
      loss = try #require(Loss(rawValue: golden.loss))
      batch = NetworkBatch(
        inputs: golden.inputs,
        targets: loss == .gaussian ? .values(golden.values) : .classes(golden.classes),
        count: golden.count)
      try #require(golden.tensors.map(\.name) == network.parameterLayout.slots.map(\.name))
      try #require(golden.tensors.map(\.shape) == network.parameterLayout.slots.map(\.shape))
      try #require(golden.statistics.map(\.name) == network.bufferLayout.slots.map(\.name))
    }

    var weights: WeightVector { WeightVector(golden.tensors.flatMap { golden.weights($0) }) }
    var buffers: WeightVector { WeightVector(golden.statistics.flatMap { golden.values($0) }) }
  }

  @Test(arguments: PyTorchGolden.names) func prediction(_ name: String) throws {
    let it = try Case(name)
    let predictor = try Predictor(it.network, batchSize: it.batch.count)
    let weights = it.weights
    let buffers = it.buffers
    predictor.load { w, b in
      w.copy(from: weights)
      b.copy(from: buffers)
    }
    let found = predictor.predict(it.batch.inputs, count: it.batch.count) { outputs in
      outputs.indices.map { outputs[$0] }
    }
    let error = relativeError(found, it.golden.outputsInEvaluation)
    #expect(error < 3e-5, "outputs differ by \(error)")
    let loss = try predictor.evaluate(it.batch, loss: it.loss).value
    let expected = it.golden.lossInEvaluation
    #expect(abs(loss - expected) < 3e-5 * max(1, abs(expected)))
  }

  @Test(arguments: PyTorchGolden.names) func lossAndStatistics(_ name: String) throws {
    let it = try Case(name)
    let objective = try NetworkObjective(it.network, loss: it.loss)
    let weights = it.weights
    var gradient = WeightVector(count: it.network.parameterCount)
    let loss = try objective.valueAndGradient(
      at: weights, it.batch, Objectives.Step(), gradient: &gradient
    ).loss
    #expect(abs(loss - it.golden.lossInTraining) < 3e-5 * max(1, abs(loss)))
    let error = relativeError(objective.outputs, it.golden.outputsInTraining)
    #expect(error < 3e-5, "outputs differ by \(error)")
    var buffers = it.buffers
    objective.moveStatistics(&buffers)
    for (slot, statistic) in zip(it.network.bufferLayout.slots, it.golden.statistics) {
      let error = relativeError(buffers.elements[slot.range], statistic.after)
      #expect(error < 3e-5, "\(slot.name) differs by \(error)")
    }
  }

  /// Every tensor's gradient: its norm, its products with two directions (whose elements have the
  /// variance 1/3, so that an error e of random signs changes them by ‖e‖/√3; four times that), and
  /// some of its elements, which no error e changes by more than ‖e‖.
  @Test(arguments: PyTorchGolden.names) func gradients(_ name: String) throws {
    let it = try Case(name)
    let objective = try NetworkObjective(it.network, loss: it.loss)
    let weights = it.weights
    var gradient = WeightVector(count: it.network.parameterCount)
    _ = try objective.valueAndGradient(
      at: weights, it.batch, Objectives.Step(), gradient: &gradient)
    let elements = gradient.elements
    // The gradient of a bias before BatchNorm is nothing but rounding: no digits to compare.
    let largest = it.golden.tensors.map(\.norm).max()!
    for (slot, tensor) in zip(it.network.parameterLayout.slots, it.golden.tensors) {
      let found = elements[slot.range].map { Double($0) }
      let allowed = max(it.gradientTolerance * tensor.norm, 1e-6 * largest)
      let norm = found.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(norm - tensor.norm) < allowed, "\(slot.name): norm \(norm), not \(tensor.norm)")
      for (number, expected) in zip(1..., tensor.products) {
        let product = zip(found, it.golden.direction(number, tensor)).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - expected) < 2.4 * allowed, "\(slot.name): product \(product)")
      }
      for (i, expected) in tensor.samples.enumerated() {
        let value = found[tensor.samplePosition(i)]
        #expect(abs(value - expected) < allowed, "\(slot.name): sample \(i) is \(value)")
      }
    }
  }

  /// Ten steps of SGD on the same batch, in training mode; each loss to the 1e-3 that ten steps of
  /// Float with their kinks leave.
  @Test(arguments: PyTorchGolden.names.prefix(6)) func tenSteps(_ name: String) throws {
    let it = try Case(name)
    let sgd = try #require(it.golden.sgd)
    let objective = try NetworkObjective(it.network, loss: it.loss)
    var weights = it.weights
    var gradient = WeightVector(count: weights.count)
    var velocity = Array(repeating: 0.0, count: weights.count)
    for (step, expected) in sgd.losses.enumerated() {
      let loss = try objective.valueAndGradient(
        at: weights, it.batch, Objectives.Step(), gradient: &gradient
      ).loss
      #expect(
        abs(loss - expected) < 1e-3 * max(1, abs(expected)),
        "step \(step): \(loss), not \(expected)")
      for i in 0..<weights.count {
        velocity[i] =
          sgd.momentum * velocity[i] + Double(gradient[i]) + sgd.weightDecay * Double(weights[i])
        weights[i] -= Float(sgd.rate * velocity[i])
      }
    }
  }

  /// Nothing runs on oneDNN's slow reference code.
  @Test(arguments: ["lenet5", "preresnet8", "preresnet56", "wrn10x1", "vgg16bn", "convfc", "vgg16"])
  func noReferenceImplementations(_ model: String) throws {
    let input = model == "lenet5" ? [1, 28, 28] : [3, 32, 32]
    let network = try Network(Architecture(name: model, input: input, outputs: 10))
    let objective = try NetworkObjective(network, loss: .crossEntropy)
    let predictor = try Predictor(network, batchSize: 128)
    let all = try objective.implementations(batchSize: 128) + predictor.implementations
    #expect(!all.contains { $0.hasPrefix("ref") }, "\(model): \(Set(all))")
  }
}
