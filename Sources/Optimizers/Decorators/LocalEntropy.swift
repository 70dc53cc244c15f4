import Objectives
import Randomness
import WeightSpace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The constants of the inner loop, in the published notation.
public struct LocalEntropySettings: Sendable, Equatable {
  /// L, at least 1 where the objective is used.
  public var steps: Int
  /// η′.
  public var rate: Double
  /// γ₀; in step t, γ = γ₀ (1 + γ₁)ᵗ.
  public var gamma: Double
  /// γ₁.
  public var scoping: Double
  /// e.
  public var noise: Double
  /// α, the share of the old mean.
  public var alpha: Double
  /// Nesterov's momentum of the inner loop.
  public var momentum: Double
  /// Whether the gradient is γ (w − μ) instead of w − μ.
  public var isScaled: Bool
  /// λ, added to the inner gradients.
  public var weightDecay: Double

  public init(
    steps: Int = 20, rate: Double = 0.1, gamma: Double = 1e-4, scoping: Double = 1e-3,
    noise: Double = 1e-4, alpha: Double = 0.75, momentum: Double = 0.9, isScaled: Bool = false,
    weightDecay: Double = 0
  ) {
    self.steps = steps
    self.rate = rate
    self.gamma = gamma
    self.scoping = scoping
    self.noise = noise
    self.alpha = alpha
    self.momentum = momentum
    self.isScaled = isScaled
    self.weightDecay = weightDecay
  }
}

/// The negative local entropy −log ∫ exp(−L(w′) − ½ γ ‖w − w′‖²) dw′, whose gradient γ (w − ⟨w′⟩) is
/// estimated by L steps of Langevin dynamics with a batch each:
///
///     w′ = μ = w, v = 0;   for each batch:
///       d = ∇L_B(w′) + λ w′ − γ (w − w′)
///       v ← m v + d;   w′ ← w′ − η′ (d + m v) + √η′ e z
///       μ ← α μ + (1 − α) w′
///     gradient = w − μ, or scaled γ (w − μ)
///
/// The value is the mean loss over the inner loop's examples. Statistics are those of the last inner
/// batch, at w′ and not at w. Cost: L gradients. Memory: 3 P floats.
///
/// Chaudhari et al., "Entropy-SGD: biasing gradient descent into wide valleys", ICLR 2017,
/// algorithm 1; the noise is √η′ e as printed there, not e √(2 η′) as the published code comes to,
/// and the gradient at w itself, which that code computes and does not use, is left out.
public final class LocalEntropy<Base: Objective>: Objective {
  private var base: Base
  public let settings: LocalEntropySettings
  private var moving: WeightVector
  private var mean: WeightVector
  private var velocity: WeightVector

  public var parameterCount: Int { base.parameterCount }

  public init(_ base: Base, _ settings: LocalEntropySettings) {
    self.base = base
    self.settings = settings
    moving = WeightVector(count: base.parameterCount)
    mean = WeightVector(count: base.parameterCount)
    velocity = WeightVector(count: base.parameterCount)
  }

  public func valueAndGradient(
    at weights: borrowing WeightVector, _ batches: [Base.Batch], _ step: Step,
    gradient: inout WeightVector
  ) throws -> BatchResult {
    let gamma = settings.gamma * pow(1 + settings.scoping, Double(step.index))
    moving.copy(from: weights)
    mean.copy(from: weights)
    velocity.fill(with: 0)
    var sum = BatchResult(loss: 0, examples: 0)
    for (k, batch) in batches.enumerated() {
      var inner = step
      inner.index = step.index * settings.steps + k
      let result = try base.valueAndGradient(at: moving, batch, inner, gradient: &gradient)
      sum.loss += result.loss * Double(result.examples)
      sum.examples += result.examples
      sum.score += result.score
      advance(from: weights, along: &gradient, gamma: Float(gamma))
      if settings.noise > 0 { shake(inner) }
      mean.interpolate(to: moving, fraction: Float(1 - settings.alpha))
    }
    sum.loss /= Double(max(sum.examples, 1))
    gradient.copy(from: weights)
    gradient.subtract(mean)
    if settings.isScaled { gradient.scale(by: Float(gamma)) }
    return sum
  }

  /// One step of w′ without its noise; the gradient becomes d.
  private func advance(
    from weights: borrowing WeightVector, along gradient: inout WeightVector, gamma: Float
  ) {
    let (rate, m) = (Float(settings.rate), Float(settings.momentum))
    let decay = Float(settings.weightDecay)
    forEachChunk(updating: &gradient, &moving, reading: weights) { d, p, w in
      for i in 0..<d.count { d[i] += decay * p[i] - gamma * (w[i] - p[i]) }
    }
    forEachChunk(updating: &moving, &velocity, reading: gradient) { p, v, d in
      for i in 0..<p.count {
        let sum = m * v[i] + d[i]
        v[i] = sum
        p[i] -= rate * (d[i] + m * sum)
      }
    }
  }

  private func shake(_ step: Step) {
    let deviation = Float(settings.rate.squareRoot() * settings.noise)
    let (seed, stream) = (step.seed, RandomPurpose.localEntropyNoise.stream(step.index))
    forEachChunk(updating: &moving) { p, range in
      var noise = [Float](repeating: 0, count: p.count)
      var z = noise.mutableSpan
      RandomStream.fillNormals(&z, seed: seed, stream: stream, from: range.lowerBound)
      for i in 0..<p.count { p[i] += deviation * z[i] }
    }
  }

  public func holdStatistics() { base.holdStatistics() }
  public func moveStatistics(_ buffers: inout WeightVector) { base.moveStatistics(&buffers) }
}

/// What `--optimizer entropy-sgd` makes of an objective: one over groups of L batches.
public struct LocalEntropyDecorator: ObjectiveDecorator {
  var settings: LocalEntropySettings
  public var keepsStatistics: Bool { false }
  public var vectorCount: Int { 3 }
  public var batchCount: Int { max(settings.steps, 1) }

  init(_ settings: LocalEntropySettings) { self.settings = settings }

  public func decaying(_ weightDecay: Double) -> any ObjectiveDecorator {
    var copy = self
    copy.settings.weightDecay = weightDecay
    return copy
  }

  public func decorate<Goal: Objective, Source: BatchSource, Visitor: ObjectiveVisitor>(
    _ goal: Goal, _ source: Source, for visitor: Visitor
  ) throws -> Visitor.Result where Goal.Batch == Source.Batch {
    try visitor.visit(
      LocalEntropy(goal, settings), BatchGroups(source, of: settings.steps))
  }
}
