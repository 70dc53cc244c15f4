/// Makes an objective of an objective, where a command line asks for it: sharpness-aware steps, a
/// local entropy. It may change what a batch is, hence the source beside it.
public protocol ObjectiveDecorator: Sendable {
  /// Whether the running statistics after a step belong to the weights.
  var keepsStatistics: Bool { get }

  /// How many vectors as long as the weights it keeps; one by default.
  var vectorCount: Int { get }
  /// How many batches of the source a step takes at once; one by default.
  var batchCount: Int { get }

  /// The same with a weight decay that it applies in the optimiser's stead; itself by default.
  func decaying(_ weightDecay: Double) -> any ObjectiveDecorator

  /// Calls the visitor with the decorated objective and the source of its batches.
  func decorate<Goal: Objective, Source: BatchSource, Visitor: ObjectiveVisitor>(
    _ goal: Goal, _ source: Source, for visitor: Visitor
  ) throws -> Visitor.Result where Goal.Batch == Source.Batch
}

extension ObjectiveDecorator {
  public var vectorCount: Int { 1 }
  public var batchCount: Int { 1 }
  public func decaying(_ weightDecay: Double) -> any ObjectiveDecorator { self }
}

/// Whoever needs an objective whatever its type, such as a trainer's maker.
public protocol ObjectiveVisitor {
  associatedtype Result
  func visit<Goal: Objective, Source: BatchSource>(
    _ goal: Goal, _ source: Source
  ) throws -> Result where Goal.Batch == Source.Batch
}
