import Datasets
import NeuralNetworks
import Objectives
import Optimizers
import Testing
import Training
import WeightSpace

@testable import Randomness

/// Networks and data small enough to train in a test.
enum Tiny {
  /// Convolution, BatchNorm, dropout and a dense layer on 1×6×6 images.
  static let json = """
    {"name": "tiny", "input": [1, 6, 6], "outputs": 3, "layers": [
      {"name": "c", "type": "convolution", "outputs": 4, "kernel": 3, "padding": 1},
      {"name": "n", "type": "batch-norm"}, {"name": "r", "type": "relu"},
      {"name": "p", "type": "max-pool", "kernel": 2}, {"name": "flat", "type": "flatten"},
      {"name": "d", "type": "dropout", "probability": 0.3},
      {"name": "fc", "type": "dense", "outputs": 3}]}
    """

  /// Images of noise with a bright row that tells the class; 23 of them, so that the last batch
  /// of eight is smaller.
  static func images(count: Int = 23) -> Dataset {
    var stream = RandomStream(seed: 2, stream: 0)
    var pixels: [UInt8] = []
    let classes = (0..<count).map { Int32($0 % 3) }
    for c in classes {
      for k in 0..<36 {
        pixels.append(UInt8(stream.uniform(below: 100)) + (k / 6 == Int(c) * 2 ? 150 : 0))
      }
    }
    var data = Dataset(
      name: "images", inputShape: [1, 6, 6], inputs: .bytes(pixels), targets: .classes(classes),
      classNames: ["top", "middle", "bottom"])
    data.inputMean = [0.3]
    data.inputStd = [0.25]
    return data
  }

  /// Two features, one target in units of its own.
  static func curve(count: Int = 17) -> Dataset {
    var stream = RandomStream(seed: 4, stream: 0)
    let x = (0..<(2 * count)).map { _ in stream.normal() }
    let y: [Float] = (0..<count).map { n in
      let (a, b) = (x[2 * n], x[2 * n + 1])
      return 100 + 20 * (a - b * b)
    }
    var data = Dataset(
      name: "curve", inputShape: [2], inputs: .floats(x), targets: .values(y, width: 1))
    data.inputMean = [0.1, -0.2]
    data.inputStd = [1.5, 0.5]
    data.targetMean = [95]
    data.targetStd = [25]
    return data
  }
}

@Suite struct TrainerTests {
  static func trainer(_ optimizer: String) throws -> Trainer<NetworkObjective, NetworkBatches> {
    let network = try Network(Architecture(json: Tiny.json))
    let count = network.parameterCount
    let rule: any Optimizer =
      switch optimizer {
      case "adamw": try AdamW(count: count, weightDecay: 0.01)
      case "nesterov": try SGD(count: count, momentum: 0.8, weightDecay: 1e-3, nesterov: true)
      default: try SGD(count: count, momentum: 0.9, weightDecay: 5e-4)
      }
    return try Trainer(
      NetworkObjective(network, loss: .crossEntropy),
      optimizer: rule,
      schedule: LearningRateSchedule(
        .cosine(period: 2), initialRate: optimizer == "adamw" ? 0.003 : 0.05, epochs: 3,
        warmup: 0.5),
      source: NetworkBatches(
        BatchLoader(
          Tiny.images(), batchSize: 8, augmentation: Augmentation(flip: true, crop: 1), seed: 6,
          shuffle: true)),
      seed: 6, weights: network.initialWeights(seed: 6), buffers: network.initialBuffers())
  }

  static func bits(_ vector: borrowing WeightVector) -> [UInt32] {
    vector.elements.map(\.bitPattern)
  }

  /// Three epochs at once, and one epoch, a new trainer with the state put back, and two more: the
  /// same bits in weights, statistics, optimiser and reported losses.
  @Test(arguments: ["sgd", "nesterov", "adamw"])
  func resumingChangesNothing(_ optimizer: String) throws {
    let whole = try Self.trainer(optimizer)
    var expected: [EpochSummary] = []
    for _ in 0..<3 { expected.append(try whole.runEpoch { _ in }) }

    let first = try Self.trainer(optimizer)
    var found = [try first.runEpoch { _ in }]
    let second = try Self.trainer(optimizer)
    for (from, to) in [(first.state, second.state), (first.optimizer, second.optimizer)]
      as [(any Checkpointed, any Checkpointed)]
    {
      for (old, new) in zip(from.vectors, to.vectors) {
        #expect(old.name == new.name)
        new.values.copy(from: old.values)
      }
      to.numbers = from.numbers
    }
    for _ in 0..<2 { found.append(try second.runEpoch { _ in }) }

    #expect(found == expected)
    #expect(Self.bits(whole.state.weights) == Self.bits(second.state.weights))
    #expect(Self.bits(whole.state.buffers) == Self.bits(second.state.buffers))
    for (a, b) in zip(whole.optimizer.vectors, second.optimizer.vectors) {
      #expect(Self.bits(a.values) == Self.bits(b.values))
    }
  }

  /// The hook sees every step once, with the rate of the schedule; the loss is that of all examples
  /// so far, after the first step that of the first batch at the first weights.
  @Test func theHookAndTheSummary() throws {
    let trainer = try Self.trainer("sgd")
    var steps: [Int] = []
    var rates: [Double] = []
    var source = NetworkBatches(
      BatchLoader(
        Tiny.images(), batchSize: 8, augmentation: Augmentation(flip: true, crop: 1), seed: 6,
        shuffle: true))
    var batch = source.emptyBatch()
    source.load(step: 0, epoch: 0, into: &batch)
    let network = try Network(Architecture(json: Tiny.json))
    var gradient = WeightVector(count: network.parameterCount)
    let known = try NetworkObjective(network, loss: .crossEntropy).valueAndGradient(
      at: trainer.state.weights, batch, Step(seed: 6), gradient: &gradient)
    for epoch in 0..<3 {
      let summary = try trainer.runEpoch { moment in
        let summary = moment.summary
        steps.append(moment.done)
        rates.append(summary.learningRate)
        #expect(summary.epoch == epoch + 1)
        if steps.count == 1 { #expect(summary.loss == known.loss) }
      }
      #expect((0...1).contains(summary.accuracy))
    }
    #expect(steps == [1, 2, 3, 1, 2, 3, 1, 2, 3])
    let expected = (0..<9).map {
      trainer.schedule.learningRate(epoch: $0 / 3, step: $0 % 3, stepsPerEpoch: 3)
    }
    #expect(rates == expected)
    #expect(trainer.optimizer.updateCount == 9 && trainer.state.epoch == 3)
  }

  /// A hook that throws ends the epoch; a loss that is not finite is a `DivergenceError`.
  @Test func failures() throws {
    struct Stop: Error {}
    let stopped = try Self.trainer("sgd")
    #expect(throws: Stop.self) { try stopped.runEpoch { _ in throw Stop() } }
    let wild = try Self.trainer("sgd")
    wild.state.weights[wild.state.weights.count - 1] = .nan
    do {
      _ = try wild.runEpoch { _ in }
      Issue.record("a loss that is not a number went unnoticed")
    } catch let error as DivergenceError {
      #expect(error.epoch == 1 && "\(error)".contains("--learning-rate"))
    }
  }
}
