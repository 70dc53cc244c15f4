import CKernels
import Randomness

/// A Gaussian over weights with a diagonal and a few directions: N(μ, s (diag v + Dᵀ D / n)).
///
/// SWAG (Maddox et al., "A simple baseline for Bayesian uncertainty in deep learning", 2019, eq. 1)
/// is s = ½ and n = rows − 1; SWAG-Diagonal is s = 1 without D. A draw is
///
///     w = μ + √s (√v ⊙ z₁ + Dᵀ z₂ / √n),   z₁ ∈ ℝᴾ and z₂ ∈ ℝᴷ standard normal,
///
/// with one z₂ for the whole vector, so that directions that cross layers stay whole. Draw i is a
/// function of the seed and i alone.
public struct LowRankGaussian: Sendable {
  /// s, which multiplies the covariance.
  public let scale: Double
  /// K, the rows of D; 0 for a diagonal Gaussian.
  public let rank: Int
  /// n, which divides Dᵀ D.
  public let normalizer: Double

  /// A Gaussian with `rank` directions. `scale` is not negative, `normalizer` positive.
  public init(scale: Double, rank: Int, normalizer: Double) {
    precondition(scale >= 0 && rank >= 0 && (rank == 0 || normalizer > 0), "not a covariance")
    self.scale = scale
    self.rank = rank
    self.normalizer = normalizer
  }

  /// √(s/n) z₂ of draw `index`: what each row of D is multiplied by.
  public func coefficients(seed: UInt64, draw index: Int) -> [Double] {
    var variates = [Float](repeating: 0, count: rank)
    var span = variates.mutableSpan
    RandomStream.fillNormals(
      &span, seed: seed, stream: RandomPurpose.gaussianDeviations.stream(index))
    let factor = rank == 0 ? 0 : (scale / normalizer).squareRoot()
    return variates.map { factor * Double($0) }
  }

  /// Elements of z₁ of draw `index` from element `start` on.
  public static func fillNoise(
    _ noise: inout MutableSpan<Float>, seed: UInt64, draw index: Int, from start: Int
  ) {
    RandomStream.fillNormals(
      &noise, seed: seed, stream: RandomPurpose.gaussianDiagonal.stream(index), from: start)
  }
}

/// Some columns of a low-rank Gaussian: μ, v and D there.
public struct GaussianBlock: Sendable {
  public let width: Int
  /// μ [width].
  public var mean: [Float]
  /// v [width]; not negative.
  public var variance: [Float]
  /// D [K, width], row-major.
  public var deviations: [Float]

  public init(width: Int, rank: Int) {
    self.width = width
    mean = [Float](repeating: 0, count: width)
    variance = mean
    deviations = [Float](repeating: 0, count: width * rank)
  }

  /// √s √v of each column, which all draws from a block share. Not a number where v is negative.
  public func standardDeviations(_ gaussian: LowRankGaussian) -> [Double] {
    let factor = gaussian.scale.squareRoot()
    return variance.map { factor * Double($0).squareRoot() }
  }

  /// Replaces variances below `floor` by it. Negative ones, which are none, stay as they are.
  public mutating func raiseVariance(to floor: Float) {
    for i in variance.indices where variance[i] < floor && variance[i] >= 0 {
      variance[i] = floor
    }
  }

  /// Writes these columns of a draw: μ + σ ⊙ `noise` + Σₖ coefficientₖ Dₖ, in Double, rounded once,
  /// with σ = `standardDeviations`. An element's bits do not depend on the block it is in.
  /// Cost: O(K · width).
  public func draw(
    standardDeviations: [Double], coefficients: [Double], noise: Span<Float>,
    into target: inout MutableSpan<Float>
  ) {
    precondition(
      noise.count == width && target.count == width && standardDeviations.count == width,
      "\(width) columns")
    precondition(
      deviations.count == width * coefficients.count, "a coefficient for each row")
    if width == 0 { return }
    unsafe target.withUnsafeMutableBufferPointer { y in
      unsafe noise.withUnsafeBufferPointer { z in
        unsafe ck_low_rank_sample(
          y.baseAddress!, mean, standardDeviations, z.baseAddress!, deviations, width,
          coefficients.count, coefficients, width)
      }
    }
  }
}
