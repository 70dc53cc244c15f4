import CLAPACK

/// A small real symmetric matrix, such as the inner products of T snapshots.
///
/// The work is LAPACK's, on one thread, so that results do not depend on `--threads`.
public struct SymmetricMatrix: Sendable, Equatable {
  /// The number of rows and columns.
  public let order: Int
  /// All elements, row-major; both triangles.
  public private(set) var elements: [Double]

  /// A matrix from all of its elements, of which the lower triangle counts.
  public init(order: Int, elements: [Double]) {
    precondition(elements.count == order * order, "\(order) × \(order) elements")
    self.order = order
    self.elements = elements
    for i in 0..<order {
      for j in 0..<i { self.elements[j * order + i] = elements[i * order + j] }
    }
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

  /// A = V diag(λ) Vᵀ: eigenvalues in descending order, and the unit eigenvector of each.
  ///
  /// The sign of a vector is such that its largest component by magnitude (the first of equal ones)
  /// is positive. Elements must be finite. Cost: O(order³).
  public func eigendecomposition() -> (values: [Double], vectors: [[Double]]) {
    if order == 0 { return ([], []) }
    precondition(elements.allSatisfy(\.isFinite), "eigenvalues of a matrix that is not finite")
    openblas_set_num_threads(1)
    var vectors = elements
    var values = [Double](repeating: 0, count: order)
    var n = Int32(order)
    var workSize = Int32(1 + 6 * order + 2 * order * order)
    var work = [Double](repeating: 0, count: Int(workSize))
    var integerSize = Int32(3 + 5 * order)
    var integers = [Int32](repeating: 0, count: Int(integerSize))
    var info: Int32 = 0
    unsafe dsyevd_(
      "V", "L", &n, &vectors, &n, &values, &work, &workSize, &integers, &integerSize, &info)
    precondition(info == 0, "LAPACK's dsyevd: \(info)")
    let columns = (0..<order).reversed().map { k -> [Double] in
      let vector = Array(vectors[(k * order)..<((k + 1) * order)])
      let largest = vector.max { abs($0) < abs($1) } ?? 0
      let first = vector.first { abs($0) == abs(largest) } ?? 0
      return first < 0 ? vector.map { -$0 } : vector
    }
    return (values.reversed(), columns)
  }

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
    self.init(order: order) { i, j in packed[i * (i + 1) / 2 + j] }
  }
}
