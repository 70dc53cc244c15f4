import ArgumentParser
import NeuralNetworks
import Optimizers
import Training

/// The optimiser and the learning-rate schedule, in the papers' terms.
public struct TrainingOptions: ParsableArguments {
  public enum OptimizerName: String, ExpressibleByArgument, CaseIterable { case sgd, adamw }
  public enum ScheduleName: String, ExpressibleByArgument, CaseIterable {
    case constant, step, cosine, swa, cyclic
  }

  @Option(name: [.customShort("e"), .long], help: "Passes over the training data.")
  public var epochs = 10
  @Option(name: [.customShort("b"), .long], help: "Examples in a step.") public var batchSize = 128
  @Option(
    name: [.long, .customLong("lr")],
    help: "Learning rate (default: 0.05, with adamw 0.001).")
  public var learningRate: Double?
  @Option(help: "sgd or adamw.") public var optimizer: OptimizerName = .sgd
  @Option(help: "Momentum of sgd (default: 0.9).") public var momentum: Double?
  @Flag(help: "Nesterov's momentum.") public var nesterov = false
  @Option(
    name: [.long, .customLong("wd")],
    help: "Weight decay, of every parameter.")
  public var weightDecay = 5e-4
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
    if optimizer == .adamw && (momentum != nil || nesterov) {
      throw ValidationError("--momentum and --nesterov belong to --optimizer sgd")
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
    _ = try makeOptimizer(count: 0)
  }

  public var rate: Double { learningRate ?? (optimizer == .sgd ? 0.05 : 0.001) }
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
      case .swa: return .swa(start: resolvedSWAStart, rate: swaLr ?? rate / 5)
      case .cyclic: return .cyclic(cycle: cycle ?? 4, minimum: lrMin ?? rate / 100)
      }
    }
  }

  public func makeSchedule() throws -> LearningRateSchedule {
    do {
      return try LearningRateSchedule(
        shape, initialRate: rate, epochs: epochs, warmup: warmup)
    } catch let error as HyperparameterError { throw ValidationError("\(error)") }
  }

  /// - Parameter decays: whether the optimiser itself is to apply the weight decay.
  public func makeOptimizer(count: Int, decays: Bool = true) throws -> any Optimizer {
    let weightDecay = decays ? weightDecay : 0
    do {
      switch optimizer {
      case .sgd:
        return try SGD(
          count: count, momentum: momentum ?? 0.9, weightDecay: weightDecay, nesterov: nesterov)
      case .adamw: return try AdamW(count: count, weightDecay: weightDecay)
      }
    } catch let error as HyperparameterError { throw ValidationError("\(error)") }
  }

  /// What a resumed run must have in common with the one it resumes.
  public var settings: [(name: String, value: String)] {
    [
      ("--batch-size", "\(batchSize)"), ("--learning-rate", "\(rate)"),
      ("--optimizer", optimizer.rawValue), ("--momentum", "\(momentum ?? 0.9)"),
      ("--nesterov", "\(nesterov)"), ("--weight-decay", "\(weightDecay)"),
      ("--schedule", (try? "\(shape)") ?? ""), ("--warmup", "\(warmup)"),
    ]
  }
}
