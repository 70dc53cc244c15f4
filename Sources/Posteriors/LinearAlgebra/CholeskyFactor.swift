import Glibc

/// The lower triangular matrix L of A = L Lᵀ.
public struct CholeskyFactor: Sendable {
  public let order: Int
  /// Row-major; what is above the diagonal means nothing.
  private let elements: [Double]

  init(order: Int, elements: [Double]) {
    self.order = order
    self.elements = elements
  }

  /// Element (i, j), j ≤ i.
  public subscript(i: Int, j: Int) -> Double { elements[i * order + j] }

  /// log det A = 2 Σ log Lᵢᵢ; 0 for order 0.
  public var logDeterminant: Double {
    (0..<order).reduce(0) { $0 + 2 * log(self[$1, $1]) }
  }

  /// L⁻¹ b, by forward substitution. Cost: O(order²).
  public func solveLower(_ b: [Double]) -> [Double] {
    precondition(b.count == order, "\(order) numbers")
    var x = b
    for i in 0..<order {
      for j in 0..<i { x[i] -= self[i, j] * x[j] }
      x[i] /= self[i, i]
    }
    return x
  }

  /// L x. Cost: O(order²).
  public func multiply(_ x: [Double]) -> [Double] {
    precondition(x.count == order, "\(order) numbers")
    return (0..<order).map { i in (0...i).reduce(0) { $0 + self[i, $1] * x[$1] } }
  }
}

extension SymmetricMatrix {
  /// With this the Gram matrix of some rows: the combinations of them that are orthonormal, by
  /// Gram and Schmidt's process in the rows' order, [order, order] row-major. It is L⁻¹ for the
  /// Gram matrix L Lᵀ; nil where the rows are linearly dependent. Cost: O(order³).
  public func orthonormalizingCoefficients() -> [Double]? {
    guard let factor = choleskyFactor() else { return nil }
    for i in 0..<order {
      // What is left of a row after the earlier ones: nothing but rounding?
      let noise = self[i, i] * Double(order) * 16 * .ulpOfOne
      if factor[i, i] * factor[i, i] <= noise { return nil }
    }
    var inverse = [Double](repeating: 0, count: order * order)
    for column in 0..<order {
      var unit = [Double](repeating: 0, count: order)
      unit[column] = 1
      for (row, value) in factor.solveLower(unit).enumerated() {
        inverse[row * order + column] = value
      }
    }
    return inverse
  }
}
