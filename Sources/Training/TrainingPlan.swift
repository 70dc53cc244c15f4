import Objectives
import Optimizers
import WeightSpace

/// What a trainer is made of, but for objective and data: a visitor that makes one of whatever
/// objective the decorators leave.
public struct TrainingPlan: ObjectiveVisitor {
  /// How to make the rule.
  public var optimizer: OptimizerRecipe
  public var request: OptimizerRequest
  public var schedule: LearningRateSchedule
  /// What is made of the objective, the innermost first.
  public var decorators: [any ObjectiveDecorator]
  public var seed: UInt64
  /// How many running statistics there are.
  public var statistics: Int

  public init(
    optimizer: OptimizerRecipe, request: OptimizerRequest, schedule: LearningRateSchedule,
    decorators: [any ObjectiveDecorator] = [], seed: UInt64, statistics: Int = 0
  ) {
    self.optimizer = optimizer
    self.request = request
    self.schedule = schedule
    self.decorators = decorators
    self.seed = seed
    self.statistics = statistics
  }

  /// Whether running statistics after a step belong to the weights.
  public var keepsStatistics: Bool { decorators.allSatisfy(\.keepsStatistics) }

  /// A trainer of the decorated objective, its weights and statistics all 0.
  ///
  /// Throws `HyperparameterError`.
  public func visit<Goal: Objective, Source: BatchSource>(
    _ goal: Goal, _ source: Source
  ) throws -> any TrainingLoop where Goal.Batch == Source.Batch {
    if let decorator = decorators.first {
      var rest = self
      rest.decorators.removeFirst()
      return try decorator.decorate(goal, source, for: rest)
    }
    return Trainer(
      goal, optimizer: try optimizer.make(request), schedule: schedule, source: source,
      seed: seed, weights: WeightVector(count: goal.parameterCount),
      buffers: WeightVector(count: statistics))
  }
}
