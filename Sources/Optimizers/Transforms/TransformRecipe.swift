/// How to make a transform that a command line has chosen, and where in a chain it stands.
public struct TransformRecipe: Sendable {
  public enum Stage: Sendable {
    /// Before the rule: it changes gradients.
    case gradient
    /// After it: it changes steps or weights.
    case weights
  }

  public let stage: Stage
  /// Makes it for a vector of that length.
  public let make: @Sendable (_ count: Int) throws -> any Transform

  public init(stage: Stage, make: @escaping @Sendable (Int) throws -> any Transform) {
    self.stage = stage
    self.make = make
  }
}
