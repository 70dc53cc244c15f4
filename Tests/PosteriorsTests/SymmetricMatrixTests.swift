import Foundation
import Testing

@testable import Posteriors

@Suite struct SymmetricMatrixTests {
  /// [[2, 1], [1, 2]] has the eigenvalues 3 and 1 with vectors (1, 1)/√2 and (1, −1)/√2.
  @Test func twoByTwo() {
    let (values, vectors) = SymmetricMatrix(order: 2, elements: [2, 9, 1, 2])
      .eigendecomposition()
    let half = 0.5.squareRoot()
    for (found, known) in zip(values + vectors.joined(), [3, 1, half, half, half, -half]) {
      #expect(abs(abs(found) - abs(known)) < 1e-15)
    }
    #expect(vectors[0][0] > 0 && vectors[0][1] > 0)
    #expect(vectors[1][0] * vectors[1][1] < 0)
  }

  /// A V = V Λ and Vᵀ V = 1 for a matrix of rank 3, to a few ulp of its norm.
  @Test func reconstruction() {
    let n = 7
    let rows: [[Double]] = [
      [-5, 0, 5, -1, 4, -2, 3], [-2, 3, -3, 2, -4, 1, -5], [1, 1, 0, 5, -1, 4, 2],
    ]
    let matrix = SymmetricMatrix(order: n) { (i: Int, j: Int) -> Double in
      var sum = 0.0
      for row in rows { sum += row[i] * row[j] }
      return sum
    }
    let (values, vectors) = matrix.eigendecomposition()
    #expect(values == values.sorted(by: >))
    let tolerance = values[0] * 64 * .ulpOfOne
    for k in 3..<n { #expect(abs(values[k]) < tolerance) }
    for (k, vector) in vectors.enumerated() {
      for i in 0..<n {
        let product = (0..<n).reduce(0.0) { $0 + matrix[i, $1] * vector[$1] }
        #expect(abs(product - values[k] * vector[i]) < tolerance)
      }
      for (l, other) in vectors.enumerated() {
        let dot = zip(vector, other).reduce(0.0) { $0 + $1.0 * $1.1 }
        #expect(abs(dot - (k == l ? 1 : 0)) < 64 * .ulpOfOne)
      }
    }
  }

  /// Large matrices are decomposed in their place: Σ λₖ uₖ uₖᵀ with the cosines of 1100 points for uₖ,
  /// which are orthonormal.
  @Test func leadingOfLarge() {
    let n = SymmetricMatrix.greatestDivided + 76
    let eigenvalues = [50.0, 20, 19.5, 3]
    let cosines = eigenvalues.indices.map { k -> [Double] in
      (0..<n).map { i in
        (2 / Double(n)).squareRoot() * cos(.pi * Double((2 * i + 1) * (k + 1)) / Double(2 * n))
      }
    }
    let matrix = SymmetricMatrix(order: n) { (i: Int, j: Int) -> Double in
      var sum = 0.0
      for k in eigenvalues.indices { sum += eigenvalues[k] * cosines[k][i] * cosines[k][j] }
      return sum
    }
    let (values, vectors) = matrix.eigendecomposition(4)
    #expect(values.count == 4 && vectors.count == 4)
    for k in 0..<4 {
      #expect(abs(values[k] - eigenvalues[k]) < 1e-12)
      let sign = vectors[k][0] * cosines[k][0] > 0 ? 1.0 : -1
      for i in 0..<n { #expect(abs(vectors[k][i] - sign * cosines[k][i]) < 1e-12) }
    }
  }

  @Test func cholesky() throws {
    let known: [[Double]] = [[2], [-1, 3], [0.5, 4, 1]]
    let matrix = SymmetricMatrix(order: 3) { (i: Int, j: Int) -> Double in
      var sum = 0.0
      for k in 0...j { sum += known[i][k] * known[j][k] }
      return sum
    }
    let factor = try #require(matrix.choleskyFactor())
    for i in 0..<3 {
      for j in 0...i { #expect(abs(factor[i, j] - known[i][j]) < 1e-14) }
    }
    // det A = (2 · 3 · 1)².
    let logOf36 = 3.58351893845611
    #expect(abs(factor.logDeterminant - logOf36) < 1e-13)
    let b = factor.multiply([1, -2, 3])
    for (found, x) in zip(factor.solveLower(b), [1.0, -2, 3]) { #expect(abs(found - x) < 1e-13) }
    #expect(SymmetricMatrix(order: 2, elements: [1, 0, 2, 1]).choleskyFactor() == nil)
    #expect(SymmetricMatrix(order: 0, elements: []).eigendecomposition().values.isEmpty)
  }
}
