/// The axes of a subspace as combinations of the rows that span it, and what is known of them.
public struct SubspaceAxes: Sendable {
  /// K, the number of axes.
  public let count: Int
  /// [K, T] row-major.
  public let coefficients: [Double]
  public let singularValues: [Double]
  /// Each axis's share of the rows' variance; not a number where nothing is known of it.
  public let explainedVarianceRatio: [Double]
  /// The rows that singular values belong to: along an axis the rows' standard deviation is the
  /// singular value over √(rows − 1).
  public let rows: Int

  /// Why rows have no such axes.
  public enum Problem: Error, Equatable {
    /// The rows are linearly dependent.
    case dependentRows
    /// All rows are equal.
    case noDirections
  }

  /// The principal components.
  ///
  /// - Parameters:
  ///   - gram: the rows' inner products.
  ///   - centered: whether the rows are deviations from their mean.
  ///   - rank: K, or fewer where the rows span fewer directions.
  /// - Throws: `Problem`, `MemoryShortage`.
  public init(
    principal gram: consuming SymmetricMatrix, centered: Bool, rank: Int
  ) throws {
    rows = gram.order
    try requireLinearAlgebraMemory(order: rows, vectors: rank)
    let components = PrincipalComponents(gram: gram, centered: centered, atMost: rank)
    guard components.rank > 0 else { throw Problem.noDirections }
    count = min(rank, components.rank)
    coefficients = components.coefficients(count)
    singularValues = Array(components.singularValues.prefix(count))
    explainedVarianceRatio = Array(components.explainedVarianceRatio.prefix(count))
  }

  /// The rows themselves, made orthonormal in their order. Their scale is 1, for nothing is known of
  /// them.
  ///
  /// - Throws: `Problem`, `MemoryShortage`.
  public init(orthonormalizing gram: SymmetricMatrix) throws {
    try requireLinearAlgebraMemory(order: gram.order, vectors: gram.order)
    guard let coefficients = gram.orthonormalizingCoefficients() else {
      throw Problem.dependentRows
    }
    count = gram.order
    self.coefficients = coefficients
    singularValues = Array(repeating: 1, count: gram.order)
    explainedVarianceRatio = Array(repeating: .nan, count: gram.order)
    rows = 2
  }
}
