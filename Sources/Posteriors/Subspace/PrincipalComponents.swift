/// The principal components of T rows from their inner products alone.
///
/// For D = U S Vᵀ, [T, P], the Gram matrix D Dᵀ = U S² Uᵀ is only T × T; its eigenvectors give the
/// components as combinations of the rows, vₖ = Σₜ uₖₜ dₜ / sₖ. Cost: O(T³), whatever P is. The
/// squares cost digits: components whose singular value is below about 10⁻⁷ of the largest one
/// cannot be told from rounding and are left out.
public struct PrincipalComponents: Sendable {
  /// T, the number of rows.
  public let rows: Int
  /// sₖ in descending order, of the directions that the rows span.
  public let singularValues: [Double]
  /// sₖ² / Σ s², each direction's share of the rows' variance.
  public let explainedVarianceRatio: [Double]
  private let vectors: [[Double]]

  /// The number of directions that the rows span, no more than were asked for.
  public var rank: Int { singularValues.count }

  /// - Parameters:
  ///   - gram: D Dᵀ, finite.
  ///   - centered: whether the rows are deviations from their mean, so that they span one direction
  ///     less than there are rows.
  ///   - count: the most components that are wanted.
  public init(gram: consuming SymmetricMatrix, centered: Bool, atMost count: Int = .max) {
    let order = gram.order
    rows = order
    var trace = 0.0
    for i in 0..<order { trace += gram[i, i] }
    let (values, vectors) = gram.eigendecomposition(count)
    // Rounding of the inner products and of the decomposition, relative to the largest eigenvalue.
    let noise = (values.first ?? 0) * Double(order) * 16 * .ulpOfOne
    let possible = min(values.count, order - (centered ? 1 : 0))
    let rank = values.prefix(max(possible, 0)).prefix { $0 > noise && $0 > 0 }.count
    singularValues = values.prefix(rank).map { $0.squareRoot() }
    explainedVarianceRatio = values.prefix(rank).map { $0 / trace }
    self.vectors = Array(vectors.prefix(rank))
  }

  /// The first `count` components as combinations of the rows, [count, T] row-major: uₖₜ / sₖ.
  ///
  /// The sign is such that the largest of uₖ's elements by magnitude is positive.
  public func coefficients(_ count: Int) -> [Double] {
    precondition(count <= rank, "no more components than the rank")
    return (0..<count).flatMap { k in vectors[k].map { $0 / singularValues[k] } }
  }
}
