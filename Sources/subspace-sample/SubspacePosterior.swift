import Glibc
import Posteriors
import Prediction
import TrajectoryFiles
import WeightSpace

/// The posterior of the weights ŵ + Σⱼ zⱼ pⱼ with zⱼ = σⱼ uⱼ, in the coordinates u, in which the prior
/// is standard normal: log p(u) = ℓ(u) / T − ‖u‖² / 2 for the log-likelihood ℓ of all data.
final class SubspacePosterior {
  let likelihood: DatasetLikelihood
  /// σⱼ, the prior's standard deviation along each axis.
  let scale: [Double]
  /// T divides the log-likelihood.
  let temperature: Double
  /// K
  var dimension: Int { scale.count }

  /// A number that differs for subspaces that differ.
  var digest: String { subspace.digest }

  private var subspace: AffineSubspace
  private var weights: WeightVector
  private var gradient: WeightVector

  /// - Parameter reader: the subspace, in the network's order of tensors.
  /// - Throws: `FileError`: `wrongData` for a NaN or an infinity, and what reading throws.
  init(
    _ reader: TensorFileReader, scale: [Double], temperature: Double,
    likelihood: DatasetLikelihood
  ) throws {
    self.likelihood = likelihood
    self.scale = scale
    self.temperature = temperature
    let count = reader.layout.count
    subspace = AffineSubspace(parameterCount: count, dimension: scale.count)
    weights = WeightVector(count: count)
    gradient = WeightVector(count: count)
    try reader.read("shift", into: &subspace.shift)
    for j in 0..<scale.count {
      try subspace.setDirection(j) {
        try reader.readColumns(0..<count, of: "components", row: j, into: &$0)
      }
      if let error = try reader.firstNonFinite(in: 0..<count, of: "components", row: j) {
        throw error
      }
    }
  }

  /// z, the coordinates in the file.
  func coordinates(_ u: [Double]) -> [Double] { zip(scale, u).map { $0 * $1 } }

  /// ℓ(u), not tempered. One forward pass over the data.
  func logLikelihood(_ u: [Double]) throws -> Double {
    subspace.point(coordinates(u), into: &weights)
    return try likelihood.value(at: weights)
  }

  /// ℓ(u) / T, −∞ where the network's outputs are no numbers.
  func temperedLogLikelihood(_ u: [Double]) throws -> Double {
    let value = try logLikelihood(u) / temperature
    return value.isNaN ? -.infinity : value
  }

  /// log p(u) without constants, and its gradient. One forward and one backward pass.
  func logDensity(_ u: [Double]) throws -> (value: Double, gradient: [Double]) {
    subspace.point(coordinates(u), into: &weights)
    let value = try likelihood.valueAndGradient(at: weights, gradient: &gradient)
    return (value / temperature - 0.5 * squaredNorm(u), slope(at: u))
  }

  /// An unbiased estimate of the gradient of log p at u from one batch.
  func stochasticGradient(_ u: [Double], step: Int) throws -> [Double] {
    subspace.point(coordinates(u), into: &weights)
    try likelihood.stochasticGradient(at: weights, step: step, gradient: &gradient)
    return slope(at: u)
  }

  /// ℓ(u) / T + log N(z; 0, σ²), the posterior density of the coordinates up to the evidence.
  func logPosterior(_ u: [Double], logLikelihood: Double) -> Double {
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

func squaredNorm(_ u: [Double]) -> Double { u.reduce(0) { $0 + $1 * $1 } }
