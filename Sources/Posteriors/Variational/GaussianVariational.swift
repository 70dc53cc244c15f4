import Glibc
import Randomness

/// A Gaussian q = N(μ, L Lᵀ) fitted to a density by maximising the evidence lower bound
/// E_q[log p − log q], from noisy gradients of log p at points drawn from q.
///
/// A point is u = μ + L ε with ε ~ N(0, 1) (Kingma, Welling, "Auto-Encoding Variational Bayes",
/// 2014). The gradient of log q is taken through the point alone, without its score, whose
/// expectation is zero: at a p of the family every single point then has the gradient zero, and the
/// fit comes to rest (Roeder, Wu, Duvenaud, "Sticking the Landing", 2017).
public struct GaussianVariational: Sendable {
  public enum Family: String, Sendable, CaseIterable {
    /// L is diagonal.
    case meanField = "mean-field"
    /// L is lower triangular.
    case full
  }

  public let family: Family
  public let dimension: Int
  /// μ
  public private(set) var mean: [Double]
  /// log Lᵢᵢ
  private var logScale: [Double]
  /// Lᵢⱼ for j < i, packed by rows; empty for the mean-field family.
  private var lower: [Double]
  private var optimizer: Adam

  /// N(0, scale²).
  public init(_ family: Family, dimension: Int, scale: Double) {
    self.family = family
    self.dimension = dimension
    mean = Array(repeating: 0, count: dimension)
    logScale = Array(repeating: log(scale), count: dimension)
    lower = Array(
      repeating: 0, count: family == .full ? dimension * (dimension - 1) / 2 : 0)
    optimizer = Adam(count: 2 * dimension + lower.count)
  }

  /// Lᵢⱼ
  public func factor(_ i: Int, _ j: Int) -> Double {
    if i == j { return exp(logScale[i]) }
    return j > i || lower.isEmpty ? 0 : lower[i * (i - 1) / 2 + j]
  }

  /// (L Lᵀ)ᵢⱼ
  public func covariance(_ i: Int, _ j: Int) -> Double {
    (0...min(i, j)).reduce(0) { $0 + factor(i, $1) * factor(j, $1) }
  }

  /// One step of Adam: a function of the state and of (seed, step).
  ///
  /// - Parameter gradient: an unbiased estimate of ∇ log p at a point.
  public mutating func update(
    seed: UInt64, step: Int, learningRate: Double, _ gradient: ([Double]) throws -> [Double]
  ) rethrows {
    var stream = RandomStream(seed: seed, stream: SubspaceStream.optimisation(step: step))
    let noise = (0..<dimension).map { _ in Double(stream.normal()) }
    let slope = try gradient(point(noise))
    // ∇ log p − ∇ log q, and ∇ log q = −L⁻ᵀ ε.
    let scores = solveTransposed(noise)
    let total = zip(slope, scores).map { $0 + $1 }
    var derivatives = total
    for i in 0..<dimension { derivatives.append(total[i] * noise[i] * exp(logScale[i])) }
    if family == .full {
      for i in 0..<dimension {
        for j in 0..<i { derivatives.append(total[i] * noise[j]) }
      }
    }
    var parameters = mean + logScale + lower
    optimizer.ascend(&parameters, gradient: derivatives, rate: learningRate)
    mean = Array(parameters[0..<dimension])
    logScale = Array(parameters[dimension..<2 * dimension])
    lower = Array(parameters[(2 * dimension)...])
  }

  /// Draw `index` from q: a function of (seed, index).
  public func sample(seed: UInt64, index: Int) -> [Double] {
    var stream = RandomStream(seed: seed, stream: SubspaceStream.draw(index))
    return point((0..<dimension).map { _ in Double(stream.normal()) })
  }

  /// μ + L ε
  private func point(_ noise: [Double]) -> [Double] {
    (0..<dimension).map { i in
      var sum = mean[i]
      for j in (lower.isEmpty ? i : 0)...i { sum += factor(i, j) * noise[j] }
      return sum
    }
  }

  /// L⁻ᵀ ε by back substitution.
  private func solveTransposed(_ noise: [Double]) -> [Double] {
    var x = noise
    for i in stride(from: dimension - 1, through: 0, by: -1) {
      if !lower.isEmpty {
        for j in (i + 1)..<max(dimension, i + 1) { x[i] -= factor(j, i) * x[j] }
      }
      x[i] /= factor(i, i)
    }
    return x
  }
}
