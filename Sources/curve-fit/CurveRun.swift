import Datasets
import Files
import NetworkSupport
import NeuralNetworks
import Posteriors
import Prediction
import ToolSupport
import Training
import TrajectoryFiles
import WeightSpace

/// One run of curve-fit: a session that trains the bends, the table it prints, and the file it writes.
final class CurveRun {
  private let tool: CurveFit
  private let dataset: Dataset
  private let validation: Dataset?
  private let objective: CurveObjective<NetworkObjective>
  private let session: TrainingSession
  private let validator: Validator?
  private var file: CurveFile
  private let settings: RunSettings
  private var middle: WeightVector

  init(
    tool: CurveFit, dataset: Dataset, validation: Dataset?, ends: CurveEnds, loss: Loss
  ) throws {
    self.tool = tool
    self.dataset = dataset
    self.validation = validation
    let network = ends.network
    let curve = WeightCurve(tool.curve, pointCount: tool.bends + 2)
    try network.checkMemory(
      vectors: tool.vectorCount(examples: dataset.count), for: "training this curve")
    let (seed, training) = (tool.seed.seed, tool.training)
    let loader = try BatchLoader(
      dataset, batchSize: min(training.batchSize, dataset.count),
      augmentation: tool.augmentation.augmentation(for: dataset), seed: seed, shuffle: true)
    objective = try CurveObjective(
      NetworkObjective(network, loss: loss), curve: curve, ends: ends.read(),
      weightDecay: training.resolvedWeightDecay)
    // The objective has the weight decay of the point in it.
    let plan = try training.plan(
      count: objective.parameterCount, examples: dataset.count, seed: seed, decays: false)
    session = TrainingSession(try plan.visit(objective, NetworkBatches(loader)))
    validator = try validation.map {
      try Validator(
        network, $0, loss: loss, loader: loader, batchSize: loader.batchSize, seed: seed)
    }
    middle = WeightVector(count: validation == nil ? 0 : network.parameterCount)
    file = CurveFile(
      tool.output.target, objective, network: network,
      history: tool.output.history(of: ends.histories + [dataset.history]))
    settings = RunSettings(
      [
        RunSetting("--curve", curve.shape.rawValue), RunSetting("--bends", "\(tool.bends)"),
        RunSetting("--model", network.architecture.json()), RunSetting("--loss", loss.rawValue),
        RunSetting("the data's digest", dataset.digest), RunSetting("--seed", "\(seed)"),
        RunSetting("--augment", tool.augmentation.augment ?? "none"),
      ] + training.settings)
    if try !tool.resume || !file.resume(session, settings) {
      session.loop.state.weights = objective.straightBends()
      session.start()
      // An output that cannot be made is said before the training, not after it.
      try file.check()
    }
  }

  func execute() throws {
    var table = try TrainingTable(
      dataset, validation: validation != nil, output: tool.output.target, json: tool.json,
      quiet: tool.quiet.quiet)
    let run = SessionRun(
      "curve-fit", session, to: tool.output.target, epochs: tool.training.epochs,
      quiet: tool.quiet.quiet)
    try run.run(&table) {
      guard session.loop.state.weights.isFinite else {
        throw DivergenceError(epoch: session.epoch)
      }
      if tool.resume { try write(settings) }
    } validate: {
      guard let validator else { return nil }
      try Solution().read(session.loop) { bends, _ in
        objective.point(at: 0.5, bends: bends, into: &middle)
      }
      return try validator.evaluate(middle, WeightVector(count: 0))
    }
    if tool.resume { try file.finish() } else { try write(nil) }
  }

  private func write(_ settings: RunSettings?) throws {
    try Solution().read(session.loop) { bends, _ in
      try file.write(bends, settings.map { ($0, session) })
    }
  }
}

/// The two ends of a curve: weights of one network.
struct CurveEnds {
  private let files: [NetworkWeights]

  var network: Network { files[0].network }
  var histories: [[String]] { files.map(\.reader.history) }

  /// - Throws: `FileError` for files of different networks or that do not suit the data;
  ///   `NetworkError`.
  init(_ first: String, _ last: String, model: String?, for dataset: Dataset) throws {
    let readers = try [first, last].map { try TrajectoryReader($0) }
    let (a, b) = (readers[0], readers[1])
    if let (tensor, problem) = b.layout.firstDifference(from: a.layout, named: a.name) {
      throw FileError(.wrongData, file: b.name, object: GroupName.weights.path(of: tensor), problem)
    }
    files = try readers.map {
      try NetworkWeights($0, ModelSource(model: model), input: dataset.inputShape)
    }
    guard files[1].network.architecture == network.architecture else {
      throw FileError(
        .wrongData, file: b.name, object: "architecture",
        "differs from that of \(a.name); say with --model which is meant")
    }
    try dataset.check(fits: network, loss: dataset.loss(for: network))
  }

  /// Both weights, one after the other.
  ///
  /// - Throws: `FileError`, also of kind `wrongData` where both are the same.
  func read() throws -> WeightVector {
    let count = network.parameterCount
    var ends = WeightVector(count: 2 * count)
    var weights = WeightVector(count: count)
    for (k, file) in files.enumerated() {
      try file.readWeights(file.reader.snapshotCount - 1, into: &weights)
      ends.copy(row: k, from: weights)
    }
    let distance = ends.withSpan(0..<count) { a in
      ends.withSpan(count..<(2 * count)) { b in a.squaredDistance(to: b) }
    }
    guard distance > 0 else {
      throw FileError(
        .wrongData, file: files[1].reader.name,
        "has the same weights as \(files[0].reader.name); a curve needs two ends")
    }
    return ends
  }
}
