import Objectives
import WeightSpace

/// Fast weights explore, slow ones follow: after every k updates
///
///     φ ← φ + α (w − φ);   w ← φ
///
/// where φ starts at the first weights and the rule's own memory is kept. The method stands for φ.
/// Memory: P floats. Cost: one pass every k steps.
///
/// Zhang, Lucas, Hinton and Ba, "Lookahead optimizer: k steps forward, 1 step back", NeurIPS 2019,
/// algorithm 1.
public final class Lookahead: Transform {
  /// k.
  public let every: Int
  /// α.
  public let fraction: Double
  public let vectors: [StateVector]
  private var updates = 0

  public init(count: Int, every: Int = 5, fraction: Double = 0.5) {
    self.every = every
    self.fraction = fraction
    vectors = [StateVector("slow_weights", count: count)]
  }

  public var numbers: [StateNumber] {
    get { [StateNumber("lookahead_updates", updates)] }
    set { updates = newValue.count("lookahead_updates") }
  }

  public func start(at weights: borrowing WeightVector) { vectors[0].values.copy(from: weights) }

  public func finish(_ weights: inout WeightVector, _ step: Step) {
    updates += 1
    guard updates % every == 0 else { return }
    vectors[0].values.interpolate(to: weights, fraction: Float(fraction))
    weights.copy(from: vectors[0].values)
  }

  public var hasSolution: Bool { true }

  public func writeSolution(
    of weights: borrowing WeightVector, into solution: inout WeightVector
  ) { solution.copy(from: vectors[0].values) }
}

extension Lookahead {
  public static let method = Method<TransformRecipe>(
    "lookahead", "slow weights that follow the rule's; snapshots hold the slow ones",
    source: "Zhang et al. 2019",
    keys: [
      .integer("every", 5, in: 1...1_000_000, "updates between two moves of the slow weights"),
      .number("fraction", 0.5, in: 0...1, "how far they move towards the fast ones"),
    ]
  ) { keys in
    let (every, fraction) = (keys.integer("every"), keys.number("fraction"))
    return TransformRecipe(stage: .weights) {
      Lookahead(count: $0, every: every, fraction: fraction)
    }
  }
}
