import Objectives
import TestSupport
import Testing
import WeightSpace

@testable import NeuralNetworks
@testable import Randomness

/// Products with the Hessian and the Gauss-Newton matrix beside closed forms and beside the naive
/// twin in hyper-dual numbers, which differentiates its definitions exactly.
///
/// Tolerances: products go through twice as many sums as gradients, in Float; what a gradient keeps
/// to 1e-4 of its norm, a product keeps to 2e-4 of ‖u‖ ‖Hv‖.
@Suite struct CurvatureTests {
  struct Case: CustomStringConvertible {
    let name: String
    let mode: ObjectiveMode
    var description: String { "\(name), \(mode)" }
  }
  static let cases = (TestNetworks.names + ["smooth pools", "equal maxima"]).flatMap { name in
    [ObjectiveMode.training, .evaluation].map { Case(name: name, mode: $0) }
  }

  static func network(_ name: String) throws -> Network {
    switch name {
    case "smooth pools":
      try Network(
        Architecture(
          json: """
            {"name": "pools", "input": [2, 9, 9], "outputs": 3, "layers": [
              {"name": "a", "type": "convolution", "outputs": 5, "kernel": 2},
              {"name": "n", "type": "batch-norm"}, {"name": "t", "type": "tanh"},
              {"name": "d", "type": "dropout", "probability": 0},
              {"name": "m", "type": "max-pool", "kernel": 3, "stride": 1},
              {"name": "p", "type": "average-pool", "kernel": 2},
              {"name": "b", "type": "convolution", "outputs": 4, "kernel": 1, "bias": false},
              {"name": "s", "type": "sigmoid"}, {"name": "gap", "type": "global-average-pool"},
              {"name": "flat", "type": "flatten"}, {"name": "fc", "type": "dense", "outputs": 3}]}
            """))
    case "equal maxima":
      // Every output of the convolution comes twice, in rows that a window sees both of.
      try Network(
        Architecture(
          json: """
            {"name": "ties", "input": [1, 4, 4], "outputs": 3, "layers": [
              {"name": "a", "type": "convolution", "outputs": 3, "kernel": 1},
              {"name": "t", "type": "tanh"}, {"name": "m", "type": "max-pool", "kernel": 2},
              {"name": "flat", "type": "flatten"}, {"name": "fc", "type": "dense", "outputs": 3}]}
            """))
    default: try TestNetworks.network(name)
    }
  }

  static func batch(_ name: String, _ network: Network, count: Int) -> NetworkBatch {
    var batch = TestNetworks.batch(network, TestNetworks.loss(name), count: count)
    guard name == "equal maxima" else { return batch }
    for n in 0..<count {
      for row in [0, 2] {
        for column in 0..<4 {
          batch.inputs[n * 16 + (row + 1) * 4 + column] = batch.inputs[n * 16 + row * 4 + column]
        }
      }
    }
    return batch
  }

  static func statistics(_ network: Network) -> WeightVector {
    var buffers = network.initialBuffers()
    var stream = RandomStream(seed: 8, stream: 0)
    for i in 0..<buffers.count {
      buffers[i] = buffers[i] == 0 ? 0.3 * stream.normal() : 0.5 + stream.uniform()
    }
    return buffers
  }

  static func random(_ count: Int, seed: UInt64, in range: Range<Int>? = nil) -> WeightVector {
    var stream = RandomStream(seed: seed, stream: 77)
    var vector = WeightVector(count: count)
    for i in range ?? 0..<count { vector[i] = stream.normal() }
    return vector
  }

  static func objective(_ name: String, _ network: Network, _ mode: ObjectiveMode) throws
    -> NetworkObjective
  {
    let objective = try NetworkObjective(network, loss: TestNetworks.loss(name), mode: mode)
    if mode == .evaluation { objective.setStatistics(statistics(network)) }
    return objective
  }

  static func duals(
    _ weights: borrowing WeightVector, _ u: borrowing WeightVector, _ v: borrowing WeightVector
  ) -> [HyperDual] {
    (0..<weights.count).map { HyperDual(Double(weights[$0]), Double(u[$0]), Double(v[$0])) }
  }

  /// Jᵤᵀ H_ℓ J_v of the batch by the definitions.
  static func gaussNewton(
    _ loss: Loss, _ outputs: [[HyperDual]]
  ) -> Double {
    var total = 0.0
    for y in outputs {
      switch loss {
      case .crossEntropy:
        let sum = y.reduce(0.0) { $0 + $1.value.exponential }
        let p = y.map { $0.value.exponential / sum }
        for a in y.indices {
          for b in y.indices {
            total += y[a].first * ((a == b ? p[a] : 0) - p[a] * p[b]) * y[b].second
          }
        }
      case .squaredError:
        for a in y { total += 2 * a.first * a.second / Double(y.count) }
      case .gaussian:
        let half = y.count / 2
        for d in 0..<half {
          let v = y[half + d]
          let means = y[d].first * y[d].second / v.value
          total += (means + v.first * v.second / (2 * v.value * v.value)) / Double(half)
        }
      }
    }
    return total / Double(outputs.count)
  }

  /// Each tensor's part of Hv and Gv along two random directions, by uᵀHv and uᵀGv for random u of
  /// that tensor alone; and the gradient, which in evaluation mode has no other test.
  @Test(arguments: cases)
  func productsAreTheTwins(_ test: Case) throws {
    let network = try Self.network(test.name)
    let loss = TestNetworks.loss(test.name)
    let objective = try Self.objective(test.name, network, test.mode)
    let weights = TestNetworks.weights(network)
    let batch = Self.batch(test.name, network, count: 5)
    let v = Self.random(weights.count, seed: 1)
    var h = WeightVector(count: v.count)
    var g = WeightVector(count: v.count)
    // What stood in the products before must not matter.
    for i in 0..<h.count { (h[i], g[i]) = (.nan, .nan) }
    let value = try objective.hessianProduct(at: weights, along: v, batch, Step(), product: &h)
    #expect(
      try objective.gaussNewtonProduct(at: weights, along: v, batch, Step(), product: &g) == value)
    var gradient = WeightVector(count: v.count)
    let plain = try objective.valueAndGradient(at: weights, batch, Step(), gradient: &gradient)
    #expect(abs(plain.loss - value.loss) < 1e-6 * max(1, abs(plain.loss)))

    var naive = Naive<HyperDual>(network)
    if test.mode == .evaluation {
      naive.running = Self.statistics(network).elements.map { Double($0) }
    }
    let rows = batch.rows.map { $0.map { HyperDual($0) } }
    for slot in network.parameterLayout.slots {
      for seed in 0..<2 {
        let u = Self.random(v.count, seed: UInt64(10 + seed), in: slot.range)
        let point = Self.duals(weights, u, v)
        let exact = naive.loss(loss, point, rows, batch.targets)
        let found = (gradient.dot(u), h.dot(u), g.dot(u))
        let expected = (
          exact.first, exact.mixed, Self.gaussNewton(loss, naive.outputs(point, rows))
        )
        let tolerance = 2e-4 * u.norm
        #expect(abs(found.0 - expected.0) < tolerance * gradient.norm, "\(test): \(slot.name)")
        #expect(
          abs(found.1 - expected.1) < tolerance * h.norm,
          "\(test): H, \(slot.name): \(found.1), not \(expected.1)")
        #expect(
          abs(found.2 - expected.2) < tolerance * g.norm,
          "\(test): G, \(slot.name): \(found.2), not \(expected.2)")
      }
    }
  }

  /// uᵀHv = vᵀHu, the same for G, and vᵀGv ≥ 0. Two products' rounding: 1e-5 ‖u‖ ‖Hv‖ each.
  @Test(arguments: cases)
  func productsAreSymmetric(_ test: Case) throws {
    let network = try Self.network(test.name)
    let objective = try Self.objective(test.name, network, test.mode)
    let weights = TestNetworks.weights(network)
    let batch = Self.batch(test.name, network, count: 6)
    let u = Self.random(weights.count, seed: 3)
    let v = Self.random(weights.count, seed: 4)
    var a = WeightVector(count: v.count)
    var b = WeightVector(count: v.count)
    _ = try objective.hessianProduct(at: weights, along: v, batch, Step(), product: &a)
    _ = try objective.hessianProduct(at: weights, along: u, batch, Step(), product: &b)
    let scale = u.norm * a.norm + v.norm * b.norm
    #expect(abs(a.dot(u) - b.dot(v)) < 1e-5 * scale, "\(test): \(a.dot(u)), \(b.dot(v))")
    _ = try objective.gaussNewtonProduct(at: weights, along: v, batch, Step(), product: &a)
    _ = try objective.gaussNewtonProduct(at: weights, along: u, batch, Step(), product: &b)
    let width = u.norm * a.norm + v.norm * b.norm
    #expect(abs(a.dot(u) - b.dot(v)) < 1e-5 * width, "\(test): \(a.dot(u)), \(b.dot(v))")
    #expect(a.dot(v) >= 0 && b.dot(u) >= 0)
  }

  /// A model linear in its weights has no residual: H = G to the last bits of two ways to add.
  @Test func oneDenseLayer() throws {
    let network = try Network(
      Architecture(
        json: """
          {"name": "linear", "input": [6], "outputs": 4, "layers": [
            {"name": "fc", "type": "dense", "outputs": 4}]}
          """))
    let objective = try NetworkObjective(network, loss: .crossEntropy)
    let weights = TestNetworks.weights(network)
    let batch = TestNetworks.batch(network, .crossEntropy, count: 9)
    let v = Self.random(weights.count, seed: 2)
    var h = WeightVector(count: v.count)
    var g = WeightVector(count: v.count)
    _ = try objective.hessianProduct(at: weights, along: v, batch, Step(), product: &h)
    _ = try objective.gaussNewtonProduct(at: weights, along: v, batch, Step(), product: &g)
    #expect(relativeError(h.elements, g.elements) < 1e-6)
  }

  /// With the masks of one step held fixed, Hv of a smooth network against the central difference of
  /// its gradients: truncation of the order h² = 1e-4 of third derivatives near 1, rounding 1e-7 / h.
  @Test func dropoutKeepsItsMasks() throws {
    let network = try Network(Architecture(json: GradientTests.dropout))
    let weights = TestNetworks.weights(network)
    let batch = TestNetworks.batch(network, .crossEntropy, count: 7)
    let objective = try NetworkObjective(network, loss: .crossEntropy)
    let step = Step(seed: 9, index: 4)
    var v = Self.random(weights.count, seed: 5)
    v.scale(by: Float(1 / v.norm))
    var product = WeightVector(count: v.count)
    _ = try objective.hessianProduct(at: weights, along: v, batch, step, product: &product)
    let h: Float = 1e-2
    func gradient(_ distance: Float) throws -> WeightVector {
      var point = weights.clone()
      point.add(scaled: distance, v)
      var gradient = WeightVector(count: v.count)
      _ = try objective.valueAndGradient(at: point, batch, step, gradient: &gradient)
      return gradient
    }
    let above = try gradient(h)
    let below = try gradient(-h)
    let difference = (0..<v.count).map { (above[$0] - below[$0]) / (2 * h) }
    #expect(relativeNorm(product.elements, difference) < 1e-3)
    var other = WeightVector(count: v.count)
    _ = try objective.hessianProduct(
      at: weights, along: v, batch, Step(seed: 9, index: 5), product: &other)
    #expect(relativeNorm(other.elements, product.elements) > 0.01)
  }

  /// For a weight block before a BatchNorm of batch statistics the loss does not depend on the
  /// block's scale: with d = (w_block, 0), Hd is −∇L on the block and 0 elsewhere, up to BatchNorm's
  /// ε. Here each of 16 channels: Winograd's and blocked kernels.
  @Test func scaleInvariance() throws {
    let network = try Network(Architecture(json: WideConvolutionTests.json))
    let weights = network.initialWeights(seed: 3)
    let batch = TestNetworks.batch(network, .crossEntropy, count: 3)
    let objective = try NetworkObjective(network, loss: .crossEntropy)
    var gradient = WeightVector(count: weights.count)
    var product = WeightVector(count: weights.count)
    _ = try objective.valueAndGradient(at: weights, batch, Step(), gradient: &gradient)
    for name in ["a.weight", "d.weight"] {
      let block = network.parameterLayout[name]!.range
      var direction = WeightVector(count: weights.count)
      for i in block { direction[i] = weights[i] }
      _ = try objective.hessianProduct(
        at: weights, along: direction, batch, Step(), product: &product)
      var expected = [Float](repeating: 0, count: weights.count)
      for i in block { expected[i] = -gradient[i] }
      let scale = expected.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      var error = 0.0
      for i in 0..<weights.count {
        error += Double(product[i] - expected[i]) * Double(product[i] - expected[i])
      }
      #expect(error.squareRoot() < 2e-3 * scale, "\(name): \(error.squareRoot() / scale)")
    }
  }

  /// Products run on no slow reference code of oneDNN's either.
  @Test(arguments: ["lenet5", "preresnet8", "wrn10x1", "vgg16bn"])
  func noReferenceImplementations(_ model: String) throws {
    let input = model == "lenet5" ? [1, 28, 28] : [3, 32, 32]
    let network = try Network(Architecture(name: model, input: input, outputs: 10))
    let plan = try Plan(
      network, PlanOptions.training.union([.tangent, .secondOrder]), batchSize: 32)
    #expect(!plan.implementations.contains { $0.hasPrefix("ref") }, "\(Set(plan.implementations))")
  }
}
