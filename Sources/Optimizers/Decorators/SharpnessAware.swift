import Objectives
import WeightSpace

/// The gradient at the worst point near the weights, to first order:
///
///     e = ρ g/‖g‖                      or, adaptive, e = ρ w² ∘ g/‖|w| ∘ g‖
///     value = L(w),   gradient = ∇L(w + e)
///
/// with g = ∇L(w) and one norm for the whole network. Both gradients are of the same batch and step,
/// so of the same dropout masks; running statistics are those of the first pass. Cost: two gradients.
/// Memory: P floats.
///
/// Foret, Kleiner, Mobahi and Neyshabur, "Sharpness-aware minimization for efficiently improving
/// generalization", ICLR 2021, equation 2; Kwon, Kim, Park and Choi, "ASAM", ICML 2021, equation 7.
public final class SharpnessAware<Base: Objective>: Objective {
  private var base: Base
  /// ρ.
  public let radius: Double
  public let isAdaptive: Bool
  private var point: WeightVector

  public var parameterCount: Int { base.parameterCount }

  public init(_ base: Base, radius: Double, isAdaptive: Bool = false) {
    self.base = base
    self.radius = radius
    self.isAdaptive = isAdaptive
    point = WeightVector(count: base.parameterCount)
  }

  public func valueAndGradient(
    at weights: borrowing WeightVector, _ batch: Base.Batch, _ step: Step,
    gradient: inout WeightVector
  ) throws -> BatchResult {
    let result = try base.valueAndGradient(at: weights, batch, step, gradient: &gradient)
    base.holdStatistics()
    move(from: weights, along: gradient)
    _ = try base.valueAndGradient(at: point, batch, step, gradient: &gradient)
    return result
  }

  /// point ← w + e. A gradient of 0 leaves the point where it is.
  private func move(from weights: borrowing WeightVector, along gradient: borrowing WeightVector) {
    if isAdaptive {
      let norm = sumOverChunks(of: weights, gradient) { w, g in
        var sum = 0.0
        for i in w.indices { sum += (Double(w[i]) * Double(g[i])) * (Double(w[i]) * Double(g[i])) }
        return sum
      }.squareRoot()
      let factor = Float(radius / (norm + 1e-12))
      point.copy(from: gradient)
      forEachChunk(updating: &point, reading: weights) { p, w in
        for i in 0..<p.count { p[i] = w[i] + factor * w[i] * w[i] * p[i] }
      }
    } else {
      point.copy(from: weights)
      point.add(scaled: Float(radius / (gradient.norm + 1e-12)), gradient)
    }
  }

  public func moveStatistics(_ buffers: inout WeightVector) { base.moveStatistics(&buffers) }
}

/// `--objective sam` and `asam`.
public struct SharpnessDecorator: ObjectiveDecorator {
  let radius: Double
  let isAdaptive: Bool
  public var keepsStatistics: Bool { true }

  public func decorate<Goal: Objective, Source: BatchSource, Visitor: ObjectiveVisitor>(
    _ goal: Goal, _ source: Source, for visitor: Visitor
  ) throws -> Visitor.Result where Goal.Batch == Source.Batch {
    try visitor.visit(
      SharpnessAware(goal, radius: radius, isAdaptive: isAdaptive), source)
  }
}

/// The methods by name.
public enum SharpnessMethods {
  public static let sam = Method<any ObjectiveDecorator>(
    "sam", "sharpness-aware minimisation: the gradient at the worst point near by",
    source: "Foret et al. 2021",
    keys: [.positive("rho", 0.05, "the distance")]
  ) { SharpnessDecorator(radius: $0.number("rho"), isAdaptive: false) }

  public static let asam = Method<any ObjectiveDecorator>(
    "asam", "the same with a distance in units of the weights",
    source: "Kwon et al. 2021",
    keys: [.positive("rho", 0.5, "the distance")]
  ) { SharpnessDecorator(radius: $0.number("rho"), isAdaptive: true) }
}
