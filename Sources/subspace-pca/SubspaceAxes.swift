import Files
import Posteriors

/// The axes of the subspace as combinations of the rows, and what the file says of them.
struct SubspaceAxes {
  /// K, the number of axes.
  let count: Int
  /// [K, T] row-major.
  let coefficients: [Double]
  let singularValues: [Double]
  let explainedVarianceRatio: [Double]
  /// The rows that singular values belong to: along an axis the rows' standard deviation is the
  /// singular value over √(rows − 1).
  let rows: Int

  /// - Parameters:
  ///   - rank: K as asked for; nil for `usual`, or fewer where the rows span fewer directions.
  /// - Throws: `FileError` of kind `wrongData` where the rows span fewer directions than asked for, or
  ///   none.
  init(of rows: SubspaceRows, gram: SymmetricMatrix, rank: Int?, _ usual: Int) throws {
    if case .random = rows {
      guard let coefficients = gram.orthonormalizingCoefficients() else {
        throw FileError(
          .wrongData, file: rows.name,
          "the random directions are linearly dependent; lower --rank or take another --seed")
      }
      count = rows.count
      self.coefficients = coefficients
      // A unit scale, for nothing is known of the directions.
      singularValues = Array(repeating: 1, count: rows.count)
      explainedVarianceRatio = Array(repeating: .nan, count: rows.count)
      self.rows = 2
      return
    }
    let components = PrincipalComponents(gram: gram, centered: rows.isCentered)
    guard components.rank > 0 else {
      throw FileError(.wrongData, file: rows.name, "all rows are equal; they span no subspace")
    }
    count = rank ?? min(usual, components.rank)
    guard count <= components.rank else {
      throw FileError(
        .wrongData, file: rows.name,
        "\(rows.count) \(rows.isCentered ? "snapshots" : "deviations") span \(components.rank)"
          + " direction(s), fewer than --rank \(count)")
    }
    coefficients = components.coefficients(count)
    singularValues = Array(components.singularValues.prefix(count))
    explainedVarianceRatio = Array(components.explainedVarianceRatio.prefix(count))
    self.rows = rows.count
  }
}
