import ArgumentParser
import Objectives
import Optimizers
import Training

/// The optimiser and the learning-rate schedule, in the papers' terms.
public struct TrainingOptions: ParsableArguments {
  public enum ScheduleName: String, ExpressibleByArgument, CaseIterable {
    case constant, step, cosine, swa, cyclic
  }

  @Option(name: [.customShort("e"), .long], help: "Passes over the training data.")
  public var epochs = 10
  @Option(name: [.customShort("b"), .long], help: "Examples in a step.") public var batchSize = 128
  @Option(
    name: [.long, .customLong("lr")],
    help: "Learning rate (default: 0.05, with other methods that of their page).")
  public var learningRate: Double?
  @Option(
    help: ArgumentHelp(
      "The rule: \(OptimizerMethods.rules.names), with keys as in padam:partial=0.125.",
      valueName: "method"))
  public var optimizer = "sgd"
  @Option(
    help: ArgumentHelp(
      """
      Change gradients or steps: \(OptimizerMethods.transforms.names), such as clip=1; may be given \
      several times.
      """,
      valueName: "method"))
  public var transform: [String] = []
  @Option(
    help: ArgumentHelp(
      """
      Train on another objective made of the loss: \(OptimizerMethods.decorators.names), such as \
      sam:rho=0.05.
      """, valueName: "method"))
  public var objective: String?
  @Option(help: "Momentum of sgd (default: 0.9).") public var momentum: Double?
  @Flag(help: "Nesterov's momentum.") public var nesterov = false
  @Option(
    name: [.long, .customLong("wd")],
    help: "Weight decay, of every parameter (default: 5e-4).")
  public var weightDecay: Double?
  @Option(help: "constant, step, cosine, swa or cyclic.") public var schedule: ScheduleName =
    .constant
  @Option(help: "Epochs in which the rate rises to the schedule's.") public var warmup = 0.0
  @Option(help: "swa: epoch from which weights are to be averaged (default: 3/4 of the epochs).")
  public var swaStart: Int?
  @Option(help: "swa: the constant rate at the end (default: 1/5 of the learning rate).")
  public var swaLr: Double?
  @Option(help: "cyclic: epochs in a cycle, an even number (default: 4).") public var cycle: Int?
  @Option(help: "cyclic, cosine: the lowest rate (default: cyclic 1/100 of the rate, cosine 0).")
  public var lrMin: Double?
  @Option(name: .customLong("t0"), help: "cosine: epochs in the first period (default: all).")
  public var t0: Int?
  @Option(help: "cosine: how many times longer each period is than the one before.")
  public var tMult = 1
  @Option(help: "step: epochs at which the rate falls, such as 80,120.") public var milestones:
    String?
  @Option(help: "step: what the rate is multiplied by (default: 0.1).") public var gamma: Double?

  public init() {}

  public func validate() throws {
    guard (1...1_000_000).contains(epochs) else {
      throw ValidationError("--epochs must be from 1 to 1000000")
    }
    if batchSize < 1 { throw ValidationError("--batch-size must be at least 1") }
    let recipe = try recipe
    if !recipe.takesMomentum && (momentum != nil || nesterov) {
      throw ValidationError("--momentum and --nesterov belong to --optimizer sgd and entropy-sgd")
    }
    if recipe.replacesDecay && weightDecay != nil {
      throw ValidationError("--weight-decay and a prior of --optimizer exclude each other")
    }
    if !recipe.takesSchedule && schedule != .constant {
      throw ValidationError(
        "--optimizer \(optimizer.prefix { $0 != ":" }) averages in place of a schedule; --warmup alone goes with it"
      )
    }
    if schedule != .swa && (swaStart != nil || swaLr != nil) {
      throw ValidationError("--swa-start and --swa-lr belong to --schedule swa")
    }
    if schedule != .cosine && (t0 != nil || tMult != 1) {
      throw ValidationError("--t0 and --t-mult belong to --schedule cosine")
    }
    if schedule == .step && milestones == nil {
      throw ValidationError("--schedule step needs --milestones, such as 80,120")
    }
    if schedule != .step && (milestones != nil || gamma != nil) {
      throw ValidationError("--milestones and --gamma belong to --schedule step")
    }
    if schedule != .cyclic && cycle != nil {
      throw ValidationError("--cycle belongs to --schedule cyclic")
    }
    if schedule != .cyclic && schedule != .cosine && lrMin != nil {
      throw ValidationError("--lr-min belongs to --schedule cyclic or cosine")
    }
    _ = try makeSchedule()
    _ = try request(count: 0, examples: 1)
    _ = try decorators()
  }

  /// The rule of `--optimizer`.
  public var recipe: OptimizerRecipe {
    get throws {
      try OptimizerMethods.rules.chosen(optimizer).made(for: "--optimizer")
    }
  }

  public var rate: Double {
    get throws { try learningRate ?? recipe.rate }
  }
  public var resolvedSWAStart: Int { swaStart ?? max(1, epochs * 3 / 4) }

  private var shape: LearningRateSchedule.Shape {
    get throws {
      switch schedule {
      case .constant: return .constant
      case .step:
        let words = (milestones ?? "").split(separator: ",", omittingEmptySubsequences: false)
        let epochs = words.compactMap { Int($0) }
        guard epochs.count == words.count else {
          throw ValidationError("--milestones takes epochs, such as 80,120")
        }
        return .step(milestones: epochs, gamma: gamma ?? 0.1)
      case .cosine:
        return .cosine(period: t0 ?? epochs, multiplier: tMult, minimum: lrMin ?? 0)
      case .swa: return .swa(start: resolvedSWAStart, rate: try swaLr ?? rate / 5)
      case .cyclic: return .cyclic(cycle: cycle ?? 4, minimum: try lrMin ?? rate / 100)
      }
    }
  }

  public func makeSchedule() throws -> LearningRateSchedule {
    do {
      return try LearningRateSchedule(
        shape, initialRate: rate, epochs: epochs, warmup: warmup)
    } catch let error as HyperparameterError { throw ValidationError("\(error)") }
  }

  /// λ: what is given, or the usual.
  public var resolvedWeightDecay: Double { weightDecay ?? 5e-4 }

  /// What is made of the objective, the innermost first.
  ///
  /// - Parameter decays: whether a decorator that brings a rule's gradients is to add the weight decay.
  public func decorators(decays: Bool = true) throws -> [any ObjectiveDecorator] {
    let chosen = try objective.map {
      try OptimizerMethods.decorators.chosen($0).made(for: "--objective")
    }
    let own = try recipe.decorator?.decaying(decays ? resolvedWeightDecay : 0)
    return [chosen, own].compactMap { $0 }
  }

  /// What the rule is made for.
  ///
  /// - Parameter decays: whether the optimiser itself is to apply the weight decay.
  /// - Throws: `ValidationError` for hyperparameters outside their range.
  public func request(count: Int, examples: Int, decays: Bool = true) throws -> OptimizerRequest {
    let request = OptimizerRequest(
      count: count, examples: examples, weightDecay: decays ? resolvedWeightDecay : 0,
      momentum: momentum, nesterov: nesterov,
      transforms: try transform.map {
        try OptimizerMethods.transforms.chosen($0).made(for: "--transform")
      })
    var probe = request
    probe.count = 0
    do { _ = try recipe.make(probe) } catch let error as HyperparameterError {
      throw ValidationError("\(error)")
    }
    return request
  }

  /// All that a trainer is made of but the objective and the data.
  public func plan(
    count: Int, examples: Int, seed: UInt64, statistics: Int = 0, decays: Bool = true
  ) throws -> TrainingPlan {
    try TrainingPlan(
      optimizer: recipe, request: request(count: count, examples: examples, decays: decays),
      schedule: makeSchedule(), decorators: decorators(decays: decays), seed: seed,
      statistics: statistics)
  }

  /// What a resumed run must have in common with the one it resumes.
  public var settings: [RunSetting] {
    func name<Product>(_ text: String, _ catalogue: MethodCatalogue<Product>) -> String {
      (try? catalogue.chosen(text).settings) ?? text
    }
    return [
      RunSetting("--batch-size", "\(batchSize)"),
      RunSetting("--learning-rate", "\((try? rate) ?? 0)"),
      RunSetting("--optimizer", name(optimizer, OptimizerMethods.rules)),
      RunSetting("--momentum", "\(momentum ?? 0.9)"), RunSetting("--nesterov", "\(nesterov)"),
      RunSetting("--weight-decay", "\(resolvedWeightDecay)"),
      RunSetting("--schedule", (try? "\(shape)") ?? ""), RunSetting("--warmup", "\(warmup)"),
      RunSetting(
        "--transform",
        transform.isEmpty
          ? "none"
          : transform.map { name($0, OptimizerMethods.transforms) }.joined(separator: " "),
        standard: "none"),
      RunSetting(
        "--objective", objective.map { name($0, OptimizerMethods.decorators) } ?? "none",
        standard: "none"),
    ]
  }
}
