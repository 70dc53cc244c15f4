import Glibc
import Posteriors

@testable import Randomness

/// Bayesian linear regression with a standard normal prior: y = X u + noise, whose posterior is a
/// Gaussian in closed form, Σ = (1 + XᵀX / σ²)⁻¹ and μ = Σ Xᵀy / σ².
struct GaussianTarget {
  static let dimension = 3
  let precision: SymmetricMatrix
  let mean: [Double]
  let covariance: [[Double]]
  private let features: [[Double]]
  private let targets: [Double]
  private let variance: Double

  /// - Parameter correlated: let the features be correlated; otherwise they are orthogonal, and so
  ///   the posterior's coordinates independent.
  init(correlated: Bool = true) {
    let count = 40
    var stream = RandomStream(seed: 11, stream: 1)
    variance = 0.25
    var features: [[Double]] = []
    var targets: [Double] = []
    for n in 0..<count {
      let x: [Double]
      if correlated {
        let a = Double(stream.normal())
        x = [a, 0.8 * a + 0.3 * Double(stream.normal()), Double(stream.normal()) * 0.2]
      } else {
        x = (0..<3).map { n % 3 == $0 ? [0.5, 1, 2][$0] : 0 }
      }
      features.append(x)
      targets.append(x[0] - 0.5 * x[1] + 2 * x[2] + 0.5 * Double(stream.normal()))
    }
    self.features = features
    self.targets = targets
    let d = Self.dimension
    let noise = variance
    precision = SymmetricMatrix(order: d) { (i: Int, j: Int) -> Double in
      var sum = i == j ? 1.0 : 0.0
      for x in features { sum += x[i] * x[j] / noise }
      return sum
    }
    // By Cramer's rule, so as not to use what is under test.
    let p = precision
    let determinant =
      p[0, 0] * (p[1, 1] * p[2, 2] - p[1, 2] * p[2, 1])
      - p[0, 1] * (p[1, 0] * p[2, 2] - p[1, 2] * p[2, 0])
      + p[0, 2] * (p[1, 0] * p[2, 1] - p[1, 1] * p[2, 0])
    var inverse = [[Double]](repeating: [0, 0, 0], count: 3)
    for i in 0..<3 {
      for j in 0..<3 {
        let (a, b) = ((j + 1) % 3, (j + 2) % 3)
        let (c, e) = ((i + 1) % 3, (i + 2) % 3)
        inverse[i][j] = (p[a, c] * p[b, e] - p[a, e] * p[b, c]) / determinant
      }
    }
    covariance = inverse
    var projected = [0.0, 0.0, 0.0]
    for (x, y) in zip(features, targets) {
      for i in 0..<3 { projected[i] += x[i] * y / noise }
    }
    mean = (0..<3).map { i in (0..<3).reduce(0.0) { $0 + inverse[i][$1] * projected[$1] } }
  }

  /// log p(y | u) without its constant.
  func logLikelihood(_ u: [Double]) -> Double {
    var sum = 0.0
    for (x, y) in zip(features, targets) {
      let error = y - x[0] * u[0] - x[1] * u[1] - x[2] * u[2]
      sum -= error * error / (2 * variance)
    }
    return sum
  }

  /// log p(y | u) p(u) without constants, and its gradient.
  func logPosterior(_ u: [Double]) -> (value: Double, gradient: [Double]) {
    var value = logLikelihood(u)
    var gradient = [0.0, 0.0, 0.0]
    for i in 0..<3 {
      value -= 0.5 * u[i] * u[i]
      for j in 0..<3 { gradient[i] -= precision[i, j] * (u[j] - mean[j]) }
    }
    return (value, gradient)
  }
}
