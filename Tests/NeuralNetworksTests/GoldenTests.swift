import Testing
import WeightSpace

@testable import NeuralNetworks

/// Agreement with PyTorch on the published networks. Tolerances are those of the golden files'
/// README: outputs and losses to 1e-4 of the largest entry, gradients to 1e-3 of a tensor's norm.
@Suite struct GoldenTests {
  static let cases: [(file: String, model: String, outputs: Int)] = [
    ("mlp", "mlp:32,32", 10), ("lenet5", "lenet5", 10), ("preresnet8", "preresnet8", 10),
    ("preresnet20", "preresnet20", 100), ("preresnet56", "preresnet56", 10),
    ("wrn10x1", "wrn10x1", 10), ("regnet", "regnet:50,50", 2),
  ]

  @Test(
    .enabled(if: Golden.exists("mlp"), "the golden files are not here"), arguments: cases.indices)
  func prediction(_ index: Int) throws {
    let (file, model, outputs) = Self.cases[index]
    let golden = try Golden(file, model: model, outputs: outputs)
    let network = golden.network
    let predictor = try Predictor(network, batchSize: golden.batch.count)
    let weights = try golden.vector("weights", network.parameterLayout)
    let buffers = try golden.vector("buffers", network.bufferLayout)
    predictor.load { w, b in
      w.copy(from: weights)
      b.copy(from: buffers)
    }
    let result = predictor.predict(golden.batch.inputs, count: golden.batch.count) { outputs in
      outputs.indices.map { outputs[$0] }
    }
    let error = relativeError(result, try golden.tensor("golden/outputs_eval"))
    #expect(error < 1e-4, "\(file): outputs differ by \(error)")
    let loss = try predictor.evaluate(golden.batch, loss: golden.loss).value
    #expect(abs(loss - (try golden.scalar("golden/loss_eval"))) < 1e-4 * max(1, abs(loss)))
  }

  @Test(
    .enabled(if: Golden.exists("mlp"), "the golden files are not here"), arguments: cases.indices)
  func lossAndGradient(_ index: Int) throws {
    let (file, model, outputs) = Self.cases[index]
    let golden = try Golden(file, model: model, outputs: outputs)
    let network = golden.network
    let objective = try NetworkObjective(network, loss: golden.loss)
    let weights = try golden.vector("weights", network.parameterLayout)
    var gradient = WeightVector(count: network.parameterCount)
    let loss = try objective.valueAndGradient(
      at: weights, batch: golden.batch, gradient: &gradient)
    #expect(abs(loss - (try golden.scalar("golden/loss_train"))) < 1e-4 * max(1, abs(loss)))
    let error = relativeError(objective.outputs, try golden.tensor("golden/outputs_train"))
    #expect(error < 1e-4, "\(file): outputs differ by \(error)")
    let found = gradient.elements
    for slot in network.parameterLayout.slots {
      let expected = try golden.tensor("golden/gradients/\(slot.name)")
      // A tensor whose gradient is nothing but rounding has no digits to compare.
      let norm = expected.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      let error = relativeNorm(Array(found[slot.range]), expected)
      #expect(error < 1e-3 || norm < 1e-6, "\(file): gradient of \(slot.name) differs by \(error)")
    }

    var buffers = try golden.vector("buffers", network.bufferLayout)
    objective.updateRunningStatistics(&buffers)
    let after = try golden.vector("golden/buffers_after", network.bufferLayout)
    for slot in network.bufferLayout.slots {
      let error = relativeError(
        Array(buffers.elements[slot.range]), Array(after.elements[slot.range]))
      #expect(error < 1e-4, "\(file): \(slot.name) differs by \(error)")
    }
  }

  /// Ten steps of SGD on the same batch, in training mode.
  @Test(
    .enabled(if: Golden.exists("mlp"), "the golden files are not here"), arguments: cases.indices)
  func tenSteps(_ index: Int) throws {
    let (file, model, outputs) = Self.cases[index]
    let golden = try Golden(file, model: model, outputs: outputs)
    let objective = try NetworkObjective(golden.network, loss: golden.loss)
    var weights = try golden.vector("weights", golden.network.parameterLayout)
    var gradient = WeightVector(count: weights.count)
    var velocity = Array(repeating: Float(0), count: weights.count)
    let expected = try golden.file.dataset("golden/sgd_losses").read(Double.self)
    let rate: Float = try golden.file.stringAttribute("sgd", of: "golden")?.hasPrefix("lr 0.05") ?? true ? 0.05 : 0.01
    for (step, value) in expected.enumerated() {
      let loss = try objective.valueAndGradient(
        at: weights, batch: golden.batch, gradient: &gradient)
      #expect(
        abs(loss - value) < 1e-3 * max(1, abs(value)), "\(file): step \(step): \(loss), not \(value)")
      for i in 0..<weights.count {
        velocity[i] = 0.9 * velocity[i] + gradient[i] + 5e-4 * weights[i]
        weights[i] -= rate * velocity[i]
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
