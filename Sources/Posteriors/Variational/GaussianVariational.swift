import Glibc

/// The Gaussians q = N(μ, L Lᵀ), fitted to a density by maximising the evidence lower bound
/// E_q[log p − log q] (`EvidenceBound`).
///
/// A point is u = μ + L ε with ε ~ N(0, 1) (Kingma, Welling, "Auto-Encoding Variational Bayes",
/// 2014). The gradient of log q is taken through the point alone, without its score, whose
/// expectation is zero: at a p of the family every single point then has the gradient zero, and the
/// fit comes to rest (Roeder, Wu, Duvenaud, "Sticking the Landing", 2017).
///
/// Parameters: μ, log Lᵢᵢ, and Lᵢⱼ for j < i packed by rows.
public struct GaussianVariational: VariationalFamily {
  public enum Covariance: String, Sendable, CaseIterable {
    /// L is diagonal.
    case meanField = "mean-field"
    /// L is lower triangular.
    case full
  }

  public let covariance: Covariance
  public let dimension: Int

  public init(_ covariance: Covariance, dimension: Int) {
    self.covariance = covariance
    self.dimension = dimension
  }

  private var lowerCount: Int { covariance == .full ? dimension * (dimension - 1) / 2 : 0 }
  public var parameterCount: Int { 2 * dimension + lowerCount }

  /// The parameters of N(0, scale²).
  public func parameters(scale: Double) -> [Double] {
    (0..<parameterCount).map { (dimension..<2 * dimension).contains($0) ? log(scale) : 0 }
  }

  /// μ
  public func mean(_ parameters: [Double]) -> [Double] { Array(parameters[0..<dimension]) }

  /// Lᵢⱼ
  private func factor(_ i: Int, _ j: Int, _ parameters: [Double]) -> Double {
    if i == j { return exp(parameters[dimension + i]) }
    return j > i || covariance == .meanField
      ? 0 : parameters[2 * dimension + i * (i - 1) / 2 + j]
  }

  /// (L Lᵀ)ᵢⱼ
  public func covariance(_ i: Int, _ j: Int, _ parameters: [Double]) -> Double {
    (0...min(i, j)).reduce(0) { $0 + factor(i, $1, parameters) * factor(j, $1, parameters) }
  }

  /// Its trace is ε.
  public func draw(
    _ noise: [Double], _ parameters: [Double]
  ) -> (point: [Double], logDensity: Double, trace: [Double]) {
    let isFull = covariance == .full
    let point = (0..<dimension).map { i in
      var sum = parameters[i]
      for j in (isFull ? 0 : i)...i { sum += factor(i, j, parameters) * noise[j] }
      return sum
    }
    let volume = parameters[dimension..<2 * dimension].reduce(0, +)
    return (point, logStandardNormal(noise) - volume, noise)
  }

  public func boundGradient(
    _ slope: [Double], _ noise: [Double], _ parameters: [Double]
  ) -> [Double] {
    // ∇ log p − ∇ log q, and ∇ log q = −L⁻ᵀ ε.
    let scores = solveTransposed(noise, parameters)
    let total = zip(slope, scores).map { $0 + $1 }
    var derivatives = total
    for i in 0..<dimension {
      derivatives.append(total[i] * noise[i] * exp(parameters[dimension + i]))
    }
    if covariance == .full {
      for i in 0..<dimension {
        for j in 0..<i { derivatives.append(total[i] * noise[j]) }
      }
    }
    return derivatives
  }

  /// L⁻ᵀ ε by back substitution.
  private func solveTransposed(_ noise: [Double], _ parameters: [Double]) -> [Double] {
    var x = noise
    for i in stride(from: dimension - 1, through: 0, by: -1) {
      if covariance == .full {
        for j in (i + 1)..<max(dimension, i + 1) { x[i] -= factor(j, i, parameters) * x[j] }
      }
      x[i] /= factor(i, i, parameters)
    }
    return x
  }
}
