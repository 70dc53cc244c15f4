import CLAPACK

extension SymmetricMatrix {
  /// Beyond this order eigenvectors are found one by one, in the place of the matrix: divide and conquer,
  /// a little more exact where eigenvalues lie close, needs twice as much again.
  static let greatestDivided = 1024
  /// What OpenBLAS takes for itself, of a buffer that it asks for and hardly uses.
  public static let libraryBytes = 3e6
  /// Numbers of working space for each row: what LAPACK's blocks of 64 columns want.
  private static let workPerRow = 70

  /// What `eigendecomposition` holds, in bytes, the matrix included where nobody else needs it.
  public static func eigenBytes(order: Int, count: Int) -> Double {
    let (n, k) = (Double(order), Double(min(count, order)))
    if order <= greatestDivided { return 8 * n * n * 4 + 8 * n * k }
    return 8 * n * n + 8 * n * Double(workPerRow + 6) + 16 * n * k
  }

  /// Of A = V diag(λ) Vᵀ the `count` largest eigenvalues, in descending order, and the unit eigenvector
  /// of each; all by default.
  ///
  /// The sign of a vector is such that its largest component by magnitude (the first of equal ones)
  /// is positive. Elements must be finite. Cost: O(order³), on one thread.
  public consuming func eigendecomposition(_ count: Int = .max) -> (
    values: [Double], vectors: [[Double]]
  ) {
    let wanted = min(count, order)
    if wanted == 0 { return ([], []) }
    precondition(elements.allSatisfy(\.isFinite), "eigenvalues of a matrix that is not finite")
    openblas_set_num_threads(1)
    let order = order
    // Taken out, so that nothing is copied where it is not used any more.
    var matrix: [Double] = []
    swap(&matrix, &elements)
    let (values, vectors) =
      order <= Self.greatestDivided
      ? Self.divided(&matrix, order) : Self.leading(&matrix, order, wanted)
    // Both ascend; the largest that were found are the last.
    let last = (order <= Self.greatestDivided ? order : wanted) - 1
    let columns = (0..<wanted).map { k -> [Double] in
      let column = last - k
      let vector = Array(vectors[(column * order)..<((column + 1) * order)])
      let largest = vector.max { abs($0) < abs($1) } ?? 0
      let first = vector.first { abs($0) == abs(largest) } ?? 0
      return first < 0 ? vector.map { -$0 } : vector
    }
    return ((0..<wanted).map { values[last - $0] }, columns)
  }

  /// All eigenvalues, ascending, and their vectors, which replace the matrix.
  private static func divided(_ matrix: inout [Double], _ order: Int) -> (
    values: [Double], vectors: [Double]
  ) {
    var values = [Double](repeating: 0, count: order)
    var n = Int32(order)
    var workSize = Int32(1 + 6 * order + 2 * order * order)
    var work = [Double](repeating: 0, count: Int(workSize))
    var integerSize = Int32(3 + 5 * order)
    var integers = [Int32](repeating: 0, count: Int(integerSize))
    var info: Int32 = 0
    unsafe dsyevd_(
      "V", "L", &n, &matrix, &n, &values, &work, &workSize, &integers, &integerSize, &info)
    precondition(info == 0, "LAPACK's dsyevd: \(info)")
    return (values, matrix)
  }

  /// The largest eigenvalues, ascending, and their vectors. The matrix is destroyed.
  private static func leading(_ matrix: inout [Double], _ order: Int, _ count: Int) -> (
    values: [Double], vectors: [Double]
  ) {
    var n = Int32(order)
    var (first, last, found) = (Int32(order - count + 1), Int32(order), Int32(0))
    var values = [Double](repeating: 0, count: order)
    var vectors = [Double](repeating: 0, count: order * count)
    var support = [Int32](repeating: 0, count: 2 * count)
    var workSize = Int32(workPerRow * order)
    var work = [Double](repeating: 0, count: Int(workSize))
    var integerSize = Int32(10 * order)
    var integers = [Int32](repeating: 0, count: Int(integerSize))
    var (bound, tolerance) = (0.0, 2 * Double.leastNormalMagnitude)
    var info: Int32 = 0
    unsafe dsyevr_(
      "V", "I", "L", &n, &matrix, &n, &bound, &bound, &first, &last, &tolerance, &found, &values,
      &vectors, &n, &support, &work, &workSize, &integers, &integerSize, &info)
    precondition(info == 0 && Int(found) == count, "LAPACK's dsyevr: \(info)")
    return (values, vectors)
  }
}
