import Objectives
import Randomness
import WeightSpace

/// The negative evidence lower bound E_q[log q − log p], estimated by one draw from q, as a function
/// of q's parameters in one flat vector: whatever trains weights fits q.
///
/// The draw of a step is a function of (seed, index). Cost of a step: one evaluation of log p's
/// gradient.
public struct EvidenceBound<Family: VariationalFamily>: Objective {
  /// Unbiased estimates of log p and its gradient at a point, in the step of that index.
  public typealias Density =
    (_ u: [Double], _ index: Int) throws -> (value: Double, gradient: [Double])

  public let family: Family
  private let density: Density

  public init(_ family: Family, of density: @escaping Density) {
    self.family = family
    self.density = density
  }

  public var parameterCount: Int { family.parameterCount }

  /// One example is the draw.
  public mutating func valueAndGradient(
    at parameters: borrowing WeightVector, _ batch: Void, _ step: Step,
    gradient: inout WeightVector
  ) throws -> BatchResult {
    let parameters = Self.numbers(parameters)
    var stream = RandomStream(
      seed: step.seed, stream: SubspaceStream.optimisation(step: step.index))
    let draw = family.draw(standardNormal(family.dimension, &stream), parameters)
    let (value, slope) = try density(draw.point, step.index)
    let ascent = family.boundGradient(slope, draw.trace, parameters)
    gradient.withMutableSpan { gradient in
      for i in 0..<gradient.count { gradient[i] = Float(-ascent[i]) }
    }
    return BatchResult(loss: draw.logDensity - value, examples: 1)
  }

  /// The parameters as the family takes them.
  public static func numbers(_ parameters: borrowing WeightVector) -> [Double] {
    parameters.withSpan { span in span.indices.map { Double(span[$0]) } }
  }
}
