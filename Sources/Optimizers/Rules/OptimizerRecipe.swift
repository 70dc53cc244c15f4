import Objectives

/// What a rule is made for.
public struct OptimizerRequest {
  /// The length of the trained vector.
  public var count: Int
  /// N, the number of examples of the data set.
  public var examples: Int
  /// λ, where the rule applies it.
  public var weightDecay: Double
  /// As it was given; nil leaves it to the rule.
  public var momentum: Double?
  public var nesterov: Bool
  /// Transforms chosen beside the rule, in their order.
  public var transforms: [TransformRecipe]

  public init(
    count: Int, examples: Int = 1, weightDecay: Double = 0, momentum: Double? = nil,
    nesterov: Bool = false, transforms: [TransformRecipe] = []
  ) {
    self.count = count
    self.examples = examples
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.nesterov = nesterov
    self.transforms = transforms
  }

  /// A chain of these parts, with the chosen transforms before or after them.
  ///
  /// Throws `HyperparameterError` where two of them stand for other weights than the live ones.
  func chain(_ parts: [any Transform]) throws -> Chain {
    func chosen(_ stage: TransformRecipe.Stage) throws -> [any Transform] {
      try transforms.filter { $0.stage == stage }.map { try $0.make(count) }
    }
    let all = try chosen(.gradient) + parts + chosen(.weights)
    guard all.count(where: { $0.hasSolution }) <= 1 else {
      throw HyperparameterError(
        "--transform",
        "lookahead goes neither with itself nor with schedule-free, which averages too")
    }
    return Chain(all)
  }
}

/// How to make a rule that a command line has chosen.
public struct OptimizerRecipe: Sendable {
  /// The learning rate where none is given.
  public let rate: Double
  /// Whether `--momentum` and `--nesterov` belong to it.
  public let takesMomentum: Bool
  /// Whether it brings its own prior or decay, so that `--weight-decay` cannot be given.
  public let replacesDecay: Bool
  /// Whether it goes with a learning-rate schedule.
  public let takesSchedule: Bool
  /// What it makes of the objective; nil for nothing.
  public let decorator: (any ObjectiveDecorator)?
  /// Throws `HyperparameterError`.
  public let make: @Sendable (OptimizerRequest) throws -> any Optimizer

  public init(
    rate: Double, takesMomentum: Bool = false, replacesDecay: Bool = false,
    takesSchedule: Bool = true, decorator: (any ObjectiveDecorator)? = nil,
    make: @escaping @Sendable (OptimizerRequest) throws -> any Optimizer
  ) {
    self.rate = rate
    self.takesMomentum = takesMomentum
    self.replacesDecay = replacesDecay
    self.takesSchedule = takesSchedule
    self.decorator = decorator
    self.make = make
  }
}

/// The rules of `--optimizer`, the transforms of `--transform`, and the decorators of `--objective`:
/// a method of any of them is one line here and a file of its own.
public enum OptimizerMethods {
  public static let rules = MethodCatalogue(
    "--optimizer",
    [
      SGD.method, AdamFamily.adamW, AdamFamily.adam, AdamFamily.padam, ScheduleFree.method,
      SGLD.method, EntropySGD.method,
    ])

  public static let transforms = MethodCatalogue(
    "--transform", [GradientClipping.method, Lookahead.method])

  public static let decorators = MethodCatalogue(
    "--objective", [SharpnessMethods.sam, SharpnessMethods.asam])
}
