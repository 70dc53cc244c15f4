import Glibc
import WeightSpace

/// The posterior of the weights ŵ + Σⱼ zⱼ pⱼ with zⱼ = σⱼ uⱼ, in the coordinates u, in which the prior
/// is standard normal: log p(u) = ℓ(u) / T − ‖u‖² / 2 for the log-likelihood ℓ of all data.
///
/// Izmailov et al., "Subspace inference for Bayesian deep learning", UAI 2019, sections 3 and 5.
public final class SubspacePosterior: WhitenedPosterior {
  public let likelihood: any WeightLikelihood
  /// σⱼ, the prior's standard deviation along each axis.
  public let scale: [Double]
  /// T divides the log-likelihood.
  public let temperature: Double
  public var dimension: Int { scale.count }

  /// A number that differs for subspaces that differ.
  public var digest: String { subspace.digest }

  private let subspace: AffineSubspace
  private var weights: WeightVector
  private var gradient: WeightVector

  /// - Parameters:
  ///   - subspace: in the network's order of tensors.
  ///   - scale: a positive number for each direction.
  public init(
    _ subspace: consuming AffineSubspace, scale: [Double], temperature: Double,
    likelihood: any WeightLikelihood
  ) {
    precondition(scale.count == subspace.dimension, "a scale for each direction")
    self.likelihood = likelihood
    self.scale = scale
    self.temperature = temperature
    weights = WeightVector(count: subspace.parameterCount)
    gradient = WeightVector(count: subspace.parameterCount)
    self.subspace = subspace
  }

  /// z, the coordinates in the file.
  public func coordinates(_ u: [Double]) -> [Double] { zip(scale, u).map { $0 * $1 } }

  /// ℓ(u), not tempered. One forward pass over the data.
  public func untemperedLogLikelihood(at u: [Double]) throws -> Double {
    subspace.point(coordinates(u), into: &weights)
    return try likelihood.value(at: weights)
  }

  /// ℓ(u) / T, −∞ where the network's outputs are no numbers.
  public func logLikelihood(at u: [Double]) throws -> Double {
    let value = try untemperedLogLikelihood(at: u) / temperature
    return value.isNaN ? -.infinity : value
  }

  /// log p(u) without constants, and its gradient. One forward and one backward pass.
  public func valueAndGradient(at u: [Double]) throws -> (value: Double, gradient: [Double]) {
    subspace.point(coordinates(u), into: &weights)
    let value = try likelihood.valueAndGradient(at: weights, gradient: &gradient)
    return (value / temperature - 0.5 * squaredNorm(u), slope(at: u))
  }

  /// Unbiased estimates of log p at u and its gradient from one batch.
  public func stochasticValueAndGradient(
    at u: [Double], step: Int
  ) throws -> (value: Double, gradient: [Double]) {
    subspace.point(coordinates(u), into: &weights)
    let value = try likelihood.stochasticValueAndGradient(
      at: weights, step: step, gradient: &gradient)
    return (value / temperature - 0.5 * squaredNorm(u), slope(at: u))
  }

  /// ℓ(u) / T + log N(z; 0, σ²), the posterior density of the coordinates up to the evidence.
  public func logPosterior(_ u: [Double], logLikelihood: Double) -> Double {
    var sum = logLikelihood / temperature - 0.5 * squaredNorm(u)
    for s in scale { sum -= log(s) + 0.5 * log(2 * Double.pi) }
    return sum
  }

  /// The gradient of log p at u from that of ℓ by the weights.
  private func slope(at u: [Double]) -> [Double] {
    let slopes = subspace.project(gradient)
    return u.indices.map { scale[$0] * slopes[$0] / temperature - u[$0] }
  }
}
