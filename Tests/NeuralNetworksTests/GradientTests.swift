import Objectives
import TestSupport
import Testing
import WeightSpace

@testable import NeuralNetworks

/// The engine beside its naive twin in Double, on networks that between them have every kind of
/// layer and cross every border of the engine's layouts.
///
/// Tolerances: the engine computes in Float, ε = 6e-8; sums of at most 10³ terms of the order 1 through
/// at most ten layers stay within 1e-5 of the largest entry or of 1, gradients (twice as many layers, divided by
/// standard deviations) within 1e-4 of a tensor's norm.
@Suite struct GradientTests {
  @Test(arguments: TestNetworks.names)
  func outputsAndLoss(_ name: String) throws {
    let network = try TestNetworks.network(name)
    let loss = TestNetworks.loss(name)
    let weights = TestNetworks.weights(network)
    let objective = try NetworkObjective(network, loss: loss)
    var gradient = WeightVector(count: network.parameterCount)
    for count in [6, 1, 5] where count > 1 || !network.hasBatchNormalization {
      let batch = TestNetworks.batch(network, loss, count: count)
      let value = try objective.valueAndGradient(
        at: weights, batch, Step(), gradient: &gradient
      ).loss
      var naive = NaiveNetwork(network)
      let exact = weights.elements.map { Double($0) }
      let outputs = naive.outputs(exact, batch.rows).flatMap { $0 }.map { Float($0) }
      let scale = max(1, outputs.map { abs($0) }.max() ?? 1)
      let error = zip(objective.outputs, outputs).map { abs($0 - $1) }.max() ?? .infinity
      #expect(
        error < 1e-5 * scale, "\(name), batch of \(count): outputs differ by \(error)")
      let expected = naive.loss(loss, exact, batch.rows, batch.targets)
      #expect(abs(value - expected) < 1e-5 * max(1, abs(expected)))
    }
  }

  /// Every element of the gradient against (L(w + h) − L(w − h)) / 2h in Double. With h = 1e-6 the
  /// truncation is of the order h² = 1e-12 and the rounding of the order 1e-16 / h = 1e-10.
  @Test(arguments: TestNetworks.names)
  func gradientIsTheCentralDifference(_ name: String) throws {
    let network = try TestNetworks.network(name)
    let loss = TestNetworks.loss(name)
    let weights = TestNetworks.weights(network)
    let batch = TestNetworks.batch(network, loss, count: 4)
    let objective = try NetworkObjective(network, loss: loss)
    // What stood in the gradient before must not matter.
    var gradient = WeightVector(Array(repeating: Float.nan, count: network.parameterCount))
    _ = try objective.valueAndGradient(at: weights, batch, Step(), gradient: &gradient)

    var naive = NaiveNetwork(network)
    var point = weights.elements.map { Double($0) }
    let h = 1e-6
    let rows = batch.rows
    func derivative(_ i: Int) -> Double {
      let w = point[i]
      defer { point[i] = w }
      point[i] = w + h
      let above = naive.loss(loss, point, rows, batch.targets)
      point[i] = w - h
      let below = naive.loss(loss, point, rows, batch.targets)
      return (above - below) / (2 * h)
    }
    for slot in network.parameterLayout.slots {
      let expected = slot.range.map { Float(derivative($0)) }
      let found = Array(gradient.elements[slot.range])
      let norm = expected.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      if norm < 1e-6 {
        // A bias before a BatchNorm: its gradient is zero but for rounding.
        #expect(found.allSatisfy { abs($0) < 1e-5 }, "\(name): gradient of \(slot.name)")
      } else {
        let error = relativeNorm(found, expected)
        #expect(error < 1e-4, "\(name): gradient of \(slot.name) differs by \(error)")
      }
    }
  }

  static let dropout = """
    {"name": "dropout", "input": [2, 4, 4], "outputs": 2, "layers": [
      {"name": "a", "type": "convolution", "outputs": 5, "kernel": 3, "padding": 1},
      {"name": "d1", "type": "dropout", "probability": 0.25}, {"name": "t", "type": "tanh"},
      {"name": "flat", "type": "flatten"}, {"name": "h", "type": "dense", "outputs": 6},
      {"name": "s", "type": "sigmoid"}, {"name": "d2", "type": "dropout", "probability": 0.5},
      {"name": "fc", "type": "dense", "outputs": 2}]}
    """

  /// With the masks of one step held fixed, the derivative along a random unit vector d against the
  /// central difference of the engine's own loss: h = 1e-2, truncation of the order h² = 1e-4,
  /// rounding of the order 1e-7 / h = 1e-5.
  @Test func dropoutGradientBelongsToItsMasks() throws {
    let network = try Network(Architecture(json: Self.dropout))
    let weights = TestNetworks.weights(network)
    let batch = TestNetworks.batch(network, .crossEntropy, count: 7)
    let objective = try NetworkObjective(network, loss: .crossEntropy)
    let step = Step(seed: 9, index: 4)
    var gradient = WeightVector(count: network.parameterCount)
    var unused = WeightVector(count: network.parameterCount)
    _ = try objective.valueAndGradient(at: weights, batch, step, gradient: &gradient)
    for seed in 1...5 {
      var direction = network.initialWeights(seed: UInt64(seed))
      direction.scale(by: Float(1 / direction.norm))
      func loss(_ distance: Float) throws -> Double {
        var point = weights.clone()
        point.add(scaled: distance, direction)
        return try objective.valueAndGradient(at: point, batch, step, gradient: &unused).loss
      }
      let difference = try (loss(1e-2) - loss(-1e-2)) / 2e-2
      #expect(abs(difference - gradient.dot(direction)) < 5e-4)
    }
  }

  /// A step's masks are a function of (seed, step); kept units are divided by 1 − p.
  @Test func dropoutMasks() throws {
    let json = """
      {"name": "mask", "input": [1000], "outputs": 1000, "layers": [
        {"name": "d", "type": "dense", "outputs": 1000},
        {"name": "drop", "type": "dropout", "probability": 0.2}]}
      """
    let network = try Network(Architecture(json: json))
    var weights = WeightVector(count: network.parameterCount)
    for slot in network.parameterLayout.slots where slot.role == .bias {
      for i in slot.range { weights[i] = 1 }
    }
    let batch = NetworkBatch(
      inputs: Array(repeating: 0, count: 4000), targets: .classes([0, 1, 2, 3]), count: 4)
    func outputs(seed: UInt64, step: Int) throws -> [Float] {
      let objective = try NetworkObjective(network, loss: .crossEntropy)
      var gradient = WeightVector(count: network.parameterCount)
      _ = try objective.valueAndGradient(
        at: weights, batch, Step(seed: seed, index: step), gradient: &gradient)
      return objective.outputs
    }
    let first = try outputs(seed: 1, step: 1)
    #expect(first.allSatisfy { $0 == 0 || $0 == 1.25 })
    // A fair draw of 4000 units: the kept share is within four standard errors.
    let kept = Double(first.count { $0 != 0 }) / 4000
    #expect(abs(kept - 0.8) < 4 * (0.8 * 0.2 / 4000).squareRoot())
    #expect(try outputs(seed: 1, step: 1) == first)
    #expect(try outputs(seed: 1, step: 2) != first)
    #expect(try outputs(seed: 2, step: 1) != first)
    let predictor = try Predictor(network, batchSize: 4)
    predictor.load { w, _ in w.copy(from: weights) }
    predictor.predict(batch.inputs, count: 4) { outputs in
      #expect(outputs.indices.allSatisfy { outputs[$0] == 1 })
    }
  }
}
