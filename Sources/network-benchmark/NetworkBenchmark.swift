import ArgumentParser
import Glibc
import NeuralNetworks
import Objectives
import Optimizers
import WeightSpace

/// Times training steps, predictions and curvature products of one network on random inputs: forward,
/// backward and the optimiser's update, without reading data. `scripts/benchmark` runs it beside its
/// peer.
@main
struct NetworkBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network-benchmark",
    abstract: "Time one network's training step, prediction or curvature products.")

  @Option(help: "Built-in network.") var model = "preresnet20"
  @Option(help: "Shape of one example, such as 3,32,32.") var input = "3,32,32"
  @Option(help: "Examples in a batch.") var batchSize = 128
  @Option(help: "Steps that count, after two that do not.") var steps = 10
  @Option(name: [.customShort("@"), .long], help: "Threads.") var threads = 0
  @Flag(help: "Time predictions instead of training steps.") var evaluate = false
  @Flag(help: "Time products with the Hessian and the Gauss-Newton matrix, in gradients too.")
  var curvature = false
  @Flag(help: "Time by the processor's clock, which a busy machine disturbs less; with one thread.")
  var processorTime = false
  @Option(help: "Time an update of so many weights by each rule instead.") var updates: Int?
  @Flag(help: "Print the time of every primitive of one step, slowest first.") var profile = false

  func run() throws {
    if threads > 0 { setNetworkThreads(threads) }
    if let updates {
      if threads > 0 { Parallelism.threadCount = threads }
      return try UpdateBenchmark(count: updates, turns: max(steps, 1), now: now).run()
    }
    let shape = input.split(separator: ",").compactMap { Int($0) }
    let network = try Network(Architecture(name: model, input: shape, outputs: 10))
    let count = batchSize * shape.reduce(1, *)
    let batch = NetworkBatch(
      inputs: (0..<count).map { Float($0 % 251) / 125 - 1 },
      targets: .classes((0..<batchSize).map { Int32($0 % 10) }), count: batchSize)
    if curvature { return try curvatureProducts(network, batch) }
    let seconds = evaluate ? try predictions(network, batch) : try trainingSteps(network, batch)
    print("model\twork\tbatch\tmedian_ms\tmin_ms\tmax_ms")
    print(row(evaluate ? "evaluation" : "training", seconds))
  }

  private func row(_ work: String, _ seconds: [Double]) -> String {
    func milliseconds(_ s: Double) -> String { String(Double(Int(s * 1e5)) / 100) }
    let sorted = seconds.sorted()
    return [
      model, work, "\(batchSize)", milliseconds(sorted[sorted.count / 2]), milliseconds(sorted[0]),
      milliseconds(sorted[sorted.count - 1]),
    ].joined(separator: "\t")
  }

  private func now() -> Double {
    if processorTime { return Double(clock()) / Double(CLOCKS_PER_SEC) }
    let time = ContinuousClock().now.duration(to: Self.start)
    let parts = time.components
    return -(Double(parts.seconds) + Double(parts.attoseconds) * 1e-18)
  }
  private static let start = ContinuousClock().now

  private func trainingSteps(_ network: Network, _ batch: NetworkBatch) throws -> [Double] {
    let objective = try NetworkObjective(network, loss: .crossEntropy)
    var weights = network.initialWeights(seed: 1)
    var buffers = network.initialBuffers()
    var gradient = WeightVector(count: weights.count)
    let optimizer = try SGD(count: weights.count, momentum: 0.9, weightDecay: 5e-4)
    var seconds: [Double] = []
    for step in 0..<(steps + 2) {
      let begin = now()
      _ = try objective.valueAndGradient(
        at: weights, batch, Objectives.Step(index: step), gradient: &gradient)
      objective.moveStatistics(&buffers)
      optimizer.update(&weights, gradient: gradient, Objectives.Step(learningRate: 1e-3))
      if step >= 2 { seconds.append(now() - begin) }
    }
    if profile { printProfile(objective.profile(batch, clock: now)) }
    return seconds
  }

  /// Gradient, Hv and Gv by turns, so that a busy moment meets all three; the cost in gradients is
  /// the median of the ratios within a turn.
  private func curvatureProducts(_ network: Network, _ batch: NetworkBatch) throws {
    let objective = try NetworkObjective(network, loss: .crossEntropy)
    let weights = network.initialWeights(seed: 1)
    let direction = network.initialWeights(seed: 2)
    var result = WeightVector(count: weights.count)
    var seconds: [[Double]] = [[], [], []]
    for step in 0..<(steps + 2) {
      let begin = now()
      _ = try objective.valueAndGradient(at: weights, batch, Step(), gradient: &result)
      let gradient = now()
      _ = try objective.hessianProduct(
        at: weights, along: direction, batch, Step(), product: &result)
      let hessian = now()
      _ = try objective.gaussNewtonProduct(
        at: weights, along: direction, batch, Step(), product: &result)
      let end = now()
      guard step >= 2 else { continue }
      for (k, time) in [gradient - begin, hessian - gradient, end - hessian].enumerated() {
        seconds[k].append(time)
      }
    }
    print("model\twork\tbatch\tmedian_ms\tmin_ms\tmax_ms\tgradients")
    for (work, times) in zip(["gradient", "hessian", "gauss-newton"], seconds) {
      let ratios = zip(times, seconds[0]).map { $0 / $1 }.sorted()
      print(row(work, times) + "\t\(Double(Int(ratios[ratios.count / 2] * 1000)) / 1000)")
    }
    if profile {
      printProfile(try objective.profileHessianProduct(batch, clock: now))
    }
  }

  private func predictions(_ network: Network, _ batch: NetworkBatch) throws -> [Double] {
    let predictor = try Predictor(network, batchSize: batchSize)
    let weights = network.initialWeights(seed: 1)
    let buffers = network.initialBuffers()
    predictor.load { w, b in
      w.copy(from: weights)
      b.copy(from: buffers)
    }
    var seconds: [Double] = []
    for step in 0..<(steps + 2) {
      let begin = now()
      _ = try predictor.evaluate(batch, loss: .crossEntropy)
      if step >= 2 { seconds.append(now() - begin) }
    }
    if profile { printProfile(predictor.profile(batch, clock: now)) }
    return seconds
  }

  private func printProfile(_ steps: [(String, Double)]) {
    let total = steps.reduce(0) { $0 + $1.1 }
    for (name, seconds) in steps.sorted(by: { $0.1 > $1.1 }).prefix(600) {
      print("\(Double(Int(seconds * 1e6)) / 1000)\t\(Int(100 * seconds / total))%\t\(name)")
    }
  }
}
