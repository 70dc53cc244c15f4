import Objectives
import WeightSpace

/// ½ (w − m)ᵀ A (w − m), whose gradient from a batch of B examples has noise N(0, C/B): everything
/// about an optimiser or a sampler on it is known in closed form.
///
/// A batch is its number of examples, 0 for the exact gradient. The noise is a function of the step's
/// seed and index; its loss is without noise.
public struct Quadratic: CurvatureObjective {
  /// A, [P, P] row-major, symmetric.
  public var matrix: [Double]
  /// m, [P].
  public var minimum: [Double]
  /// L with C = L Lᵀ, [P, P] row-major.
  public var noise: [Double]

  public var parameterCount: Int { minimum.count }

  /// - Parameters:
  ///   - matrix: A, [P, P] row-major, symmetric.
  ///   - noise: L with C = L Lᵀ; none by default.
  public init(matrix: [Double], minimum: [Double], noise: [Double]? = nil) {
    precondition(matrix.count == minimum.count * minimum.count)
    self.matrix = matrix
    self.minimum = minimum
    self.noise = noise ?? matrix.map { _ in 0 }
  }

  /// Independent coordinates: curvatures aᵢ and noise of standard deviations cᵢ.
  public init(curvatures: [Double], minimum: [Double], deviations: [Double]? = nil) {
    self.init(
      matrix: Self.diagonal(curvatures), minimum: minimum, noise: deviations.map(Self.diagonal))
  }

  public mutating func valueAndGradient(
    at weights: borrowing WeightVector, _ batch: Int, _ step: Step,
    gradient: inout WeightVector
  ) throws -> BatchResult {
    let p = parameterCount
    let offset = (0..<p).map { Double(weights[$0]) - minimum[$0] }
    var slope = Self.product(matrix, offset)
    let value = 0.5 * zip(offset, slope).reduce(0) { $0 + $1.0 * $1.1 }
    if batch > 0 {
      let variates = Formula.normals("noise \(step.index)", salt: Int(step.seed), count: p)
      let error = Self.product(noise, variates)
      for i in 0..<p { slope[i] += error[i] / Double(batch).squareRoot() }
    }
    for i in 0..<p { gradient[i] = Float(slope[i]) }
    return BatchResult(loss: value, examples: max(batch, 1))
  }

  public mutating func hessianProduct(
    at weights: borrowing WeightVector, along direction: borrowing WeightVector, _ batch: Int,
    _ step: Step, product: inout WeightVector
  ) throws -> BatchResult {
    let rows = Self.product(matrix, (0..<parameterCount).map { Double(direction[$0]) })
    let result = try valueAndGradient(at: weights, 0, step, gradient: &product)
    for i in 0..<parameterCount { product[i] = Float(rows[i]) }
    return result
  }

  public mutating func gaussNewtonProduct(
    at weights: borrowing WeightVector, along direction: borrowing WeightVector, _ batch: Int,
    _ step: Step, product: inout WeightVector
  ) throws -> BatchResult {
    try hessianProduct(at: weights, along: direction, batch, step, product: &product)
  }

  private static func diagonal(_ values: [Double]) -> [Double] {
    let p = values.count
    return (0..<(p * p)).map { $0 / p == $0 % p ? values[$0 % p] : 0 }
  }

  private static func product(_ matrix: [Double], _ vector: [Double]) -> [Double] {
    let p = vector.count
    return (0..<p).map { i in
      (0..<p).reduce(0) { $0 + matrix[i * p + $1] * vector[$1] }
    }
  }
}

/// Batches of a quadratic: every step has the same number of examples.
public struct QuadraticBatches: BatchSource {
  public let examples: Int
  public let batchSize: Int
  public var stepsPerEpoch: Int { max(examples / batchSize, 1) }

  public init(examples: Int, batchSize: Int) {
    self.examples = examples
    self.batchSize = batchSize
  }

  public func emptyBatch() -> Int { 0 }

  public func load(step: Int, epoch: Int, into batch: inout Int) { batch = batchSize }
}
