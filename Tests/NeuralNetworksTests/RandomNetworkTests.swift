import Objectives
import Testing
import WeightSpace

@testable import NeuralNetworks
@testable import Randomness

/// Networks put together at random of all types of layers: each is refused, or does all that a network
/// does. A trap ends the test.
@Suite struct RandomNetworkTests {
  /// Layers in a row, with a join of two earlier ones now and then, and what ends them.
  static func architecture(_ number: UInt64) -> Architecture {
    var stream = RandomStream(seed: number, stream: 0)
    func pick(_ count: Int) -> Int { Int(stream.uniform(below: UInt32(count))) }
    let isImage = pick(3) > 0
    let input = isImage ? [1 + pick(9), 4, 4] : [2 * (1 + pick(3))]
    var layers: [Layer] = []
    var names = ["input"]
    for k in 0..<(1 + pick(6)) {
      let kinds = Layer.Kind.all.map { $0.kind }
      var layer = Layer("l\(k)", kinds[pick(kinds.count)])
      layer.outputs = 2 * (1 + pick(4))
      layer.kernel = 1 + pick(3)
      layer.padding = pick(4) == 0 ? 1 : nil
      layer.stride = pick(3) == 0 ? 2 : nil
      layer.probability = Double([0, 0.3, 0.9999999999][pick(3)])
      if [.add, .concat].contains(layer.type) || pick(4) == 0 {
        let joins = [.add, .concat].contains(layer.type)
        layer.inputs = (0..<(joins ? 2 : 1)).map { _ in names[pick(names.count)] }
      }
      // Options that a type does not have are not its.
      layers.append(layer)
      names.append(layer.name)
    }
    if pick(2) == 0 { layers.append(Layer("flat", .flatten)) }
    var last = Layer("fc", .dense)
    last.outputs = 4
    if pick(3) > 0 { layers.append(last) }
    if pick(3) == 0 { layers.append(Layer("head", .gaussian)) }
    return Architecture(name: "random", input: input, outputs: 4, layers: layers)
  }

  @Test(arguments: 0..<8)
  func noCombinationTraps(_ part: Int) throws {
    var done = 0
    for number in 0..<400 {
      guard let network = try? Network(Self.architecture(UInt64(part * 1000 + number))) else {
        continue
      }
      done += 1
      try use(network)
    }
    #expect(done > 3, "only \(done) networks were tried")
  }

  private func use(_ network: Network) throws {
    let weights = TestNetworks.weights(network)
    let loss: Loss = network.predictsVariance ? .gaussian : .squaredError
    let features = network.inputShape.reduce(1, *)
    let width = loss == .gaussian ? 2 : 4
    let batch = NetworkBatch(
      inputs: (0..<(3 * features)).map { Float($0 % 13) / 13 - 0.4 },
      targets: .values((0..<(3 * width)).map { Float($0) / 7 }), count: 3)
    for mode in [ObjectiveMode.training, .evaluation] {
      let objective = try NetworkObjective(network, loss: loss, mode: mode)
      var gradient = WeightVector(count: network.parameterCount)
      _ = try objective.valueAndGradient(at: weights, batch, Step(), gradient: &gradient)
      _ = try objective.valueAndGradient(at: weights, batch, Step(), gradient: &gradient) {
        _, _, _ in
      }
      var product = WeightVector(count: network.parameterCount)
      _ = try objective.hessianProduct(
        at: weights, along: weights, batch, Step(), product: &product)
      _ = try objective.gaussNewtonProduct(
        at: weights, along: weights, batch, Step(), product: &product)
    }
    let refresher = StatisticsRefresher(network)
    try refresher.update(at: weights, inputs: batch.inputs, count: 3)
    for seed in [nil, 1] as [UInt64?] {
      let predictor = try Predictor(network, batchSize: 4, dropoutSeed: seed)
      predictor.load { w, b in
        w.copy(from: weights)
        b.copy(from: network.initialBuffers())
      }
      predictor.predict(batch.inputs, count: 3) { _ in }
    }
  }
}
