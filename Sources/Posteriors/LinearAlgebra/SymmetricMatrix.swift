import CLAPACK

/// A small real symmetric matrix, such as the inner products of T snapshots.
///
/// The work is LAPACK's, on one thread, so that results do not depend on `--threads`.
public struct SymmetricMatrix: Sendable, Equatable {
  /// The number of rows and columns.
  public let order: Int
  /// All elements, row-major; both triangles.
  public internal(set) var elements: [Double]

  /// A matrix from all of its elements, of which the lower triangle counts.
  public init(order: Int, elements: [Double]) {
    precondition(elements.count == order * order, "\(order) × \(order) elements")
    self.order = order
    self.elements = elements
    for i in 0..<order {
      for j in 0..<i { self.elements[j * order + i] = elements[i * order + j] }
    }
  }

  /// A matrix from all of its elements.
  private init(order: Int, symmetric elements: [Double]) {
    self.order = order
    self.elements = elements
  }

  /// A matrix whose element (i, j), j ≤ i, is `element(i, j)`.
  public init(order: Int, _ element: (Int, Int) -> Double) {
    var elements = [Double](repeating: 0, count: order * order)
    for i in 0..<order {
      for j in 0...i { elements[i * order + j] = element(i, j) }
    }
    self.init(order: order, elements: elements)
  }

  public subscript(i: Int, j: Int) -> Double { elements[i * order + j] }

  /// The lower triangle L with A = L Lᵀ; nil where A is not positive definite. Cost: O(order³).
  public func choleskyFactor() -> CholeskyFactor? {
    if order == 0 { return CholeskyFactor(order: 0, elements: []) }
    guard elements.allSatisfy(\.isFinite) else { return nil }
    openblas_set_num_threads(1)
    // The upper triangle by columns is the lower one by rows.
    var factor = elements
    var n = Int32(order)
    var info: Int32 = 0
    unsafe dpotrf_("U", &n, &factor, &n, &info)
    return info == 0 ? CholeskyFactor(order: order, elements: factor) : nil
  }
}

extension SymmetricMatrix {
  /// A matrix from its lower triangle, packed by rows: element (i, j), j ≤ i, at i (i + 1) / 2 + j.
  public init(order: Int, packed: [Double]) {
    precondition(packed.count == order * (order + 1) / 2, "a lower triangle")
    var elements = [Double](repeating: 0, count: order * order)
    for i in 0..<order {
      for j in 0...i {
        let element = packed[i * (i + 1) / 2 + j]
        elements[i * order + j] = element
        elements[j * order + i] = element
      }
    }
    self.init(order: order, symmetric: elements)
  }
}
