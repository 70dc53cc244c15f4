import CKernels
import Glibc

/// What the log-densities of S points under one low-rank Gaussian need of some columns. It is added
/// up over all columns: Σ log v, the inner products D V⁻¹ Dᵀ, and for each point x with d = x − μ
/// Σ d²/v and D V⁻¹ d.
public struct DensitySums: Sendable {
  private let rank: Int
  /// The numbers in that order, to be added to those of other columns.
  public private(set) var values: [Double]

  /// How many numbers there are for `points` points.
  public static func count(rank: Int, points: Int) -> Int {
    1 + rank * (rank + 1) / 2 + points * (1 + rank)
  }

  /// Sums from their numbers.
  public init(rank: Int, values: [Double]) {
    self.rank = rank
    self.values = values
  }

  /// The sums over a range of a block's columns.
  ///
  /// - Parameter points: [S, width of the block], row-major.
  /// Cost: O((K² + S · K) · columns). Variances must be positive.
  public init(
    _ block: GaussianBlock, columns: Range<Int>, points: Span<Float>, count: Int
  ) {
    let rank = block.width == 0 ? 0 : block.deviations.count / block.width
    precondition(points.count == count * block.width, "points of \(block.width) columns")
    let n = columns.count
    var sums = [columns.reduce(0.0) { $0 + Glibc.log(Double(block.variance[$1])) }]
    let zero = [Float](repeating: 0, count: n)
    var scaled = [Double](repeating: 0, count: n)
    unsafe block.deviations.withUnsafeBufferPointer { deviations in
      func row(_ k: Int) -> UnsafePointer<Float> {
        unsafe deviations.baseAddress! + k * block.width + columns.lowerBound
      }
      unsafe block.variance.withUnsafeBufferPointer { variance in
        let variance = unsafe variance.baseAddress! + columns.lowerBound
        for k in 0..<rank {
          unsafe ck_scaled_residuals(&scaled, row(k), zero, variance, n)
          for l in 0...k { unsafe sums.append(ck_dot_double(row(l), scaled, n)) }
        }
        unsafe block.mean.withUnsafeBufferPointer { mean in
          let mean = unsafe mean.baseAddress! + columns.lowerBound
          unsafe points.withUnsafeBufferPointer { points in
            for s in 0..<count {
              let x = unsafe points.baseAddress! + s * block.width + columns.lowerBound
              unsafe sums.append(ck_scaled_residuals(&scaled, x, mean, variance, n))
              for k in 0..<rank { unsafe sums.append(ck_dot_double(row(k), scaled, n)) }
            }
          }
        }
      }
    }
    self.rank = rank
    values = sums
  }
}

extension LowRankGaussian {
  /// log N(x; μ, Σ) of point `index`, with Σ = s (V + AᵀA), A = D/√n: the density of exactly what is
  /// drawn, in nats.
  ///
  /// By the determinant lemma, with M = 1 + A V⁻¹ Aᵀ,
  ///
  ///     −½ [P log 2πs + Σ log v + log det M + squared Mahalanobis distance]
  ///
  /// - Parameters:
  ///   - sums: of all columns.
  ///   - parameterCount: P.
  /// - Returns: nil where s is 0 or a number is not finite.
  /// Cost: O(K³).
  public func logDensity(ofPoint index: Int, sums: DensitySums, parameterCount: Int) -> Double? {
    guard let factor = innerFactor(sums),
      let distance = squaredMahalanobisDistance(ofPoint: index, sums: sums)
    else { return nil }
    let volume =
      Double(parameterCount) * Glibc.log(2 * .pi * scale) + sums.values[0] + factor.logDeterminant
    return -0.5 * (volume + distance)
  }

  /// (x − μ)ᵀ Σ⁻¹ (x − μ) of point `index`; of draws it is χ² distributed with P degrees of freedom.
  ///
  /// By Woodbury's identity, with d = x − μ and b = A V⁻¹ d, (dᵀ V⁻¹ d − bᵀ M⁻¹ b) / s.
  ///
  /// - Returns: nil where s is 0 or a number is not finite.
  public func squaredMahalanobisDistance(ofPoint index: Int, sums: DensitySums) -> Double? {
    guard scale > 0, let factor = innerFactor(sums) else { return nil }
    let start = 1 + rank * (rank + 1) / 2 + index * (1 + rank)
    let projection = sums.values[(start + 1)..<(start + 1 + rank)].map {
      $0 / normalizer.squareRoot()
    }
    let correction = factor.solveLower(projection).reduce(0.0) { $0 + $1 * $1 }
    return (sums.values[start] - correction) / scale
  }

  /// The Cholesky factor of M = 1 + A V⁻¹ Aᵀ.
  private func innerFactor(_ sums: DensitySums) -> CholeskyFactor? {
    SymmetricMatrix(order: rank) { k, l in
      sums.values[1 + k * (k + 1) / 2 + l] / normalizer + (k == l ? 1 : 0)
    }.choleskyFactor()
  }
}
