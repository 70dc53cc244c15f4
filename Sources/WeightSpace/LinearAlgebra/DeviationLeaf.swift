import CKernels

/// Some columns of the rows of a matrix, less their means: what inner products and linear
/// combinations of long rows are made of, a leaf of columns at a time.
///
/// Means, products and sums are in Double; deviations are rounded to Float precision, which makes
/// their products exact.
/// Leaves have a fixed length and every sum a fixed order, so that results have the same bits on
/// every machine, however the columns were read. Memory: 8 (rows + 1) `width` bytes.
public struct DeviationLeaf: Sendable {
  /// Columns of a leaf; the last one may have fewer.
  public static let width = Int(CK_LEAF)

  /// T, the number of rows.
  public let rows: Int
  /// How many columns were loaded last.
  public private(set) var columns = 0
  private var means: [Double]
  private var deviations: [Double]

  /// - Parameter rows: at least 1.
  public init(rows: Int) {
    precondition(rows > 0, "at least one row")
    self.rows = rows
    means = [Double](repeating: 0, count: Self.width)
    deviations = [Double](repeating: 0, count: rows * Self.width)
  }

  /// Takes `columns` of each row of `x`, [rows, stride] row-major.
  ///
  /// - Parameter centered: subtract each column's mean over the rows; otherwise the rows are taken
  ///   as they are.
  public mutating func load(
    _ x: Span<Float>, stride: Int, columns: Range<Int>, centered: Bool
  ) {
    precondition(columns.count <= Self.width && columns.upperBound <= stride)
    precondition(x.count >= rows * stride, "[rows, stride] numbers")
    self.columns = columns.count
    unsafe x.withUnsafeBufferPointer { x in
      guard let base = x.baseAddress else { return }
      unsafe ck_deviations(
        base + columns.lowerBound, rows, columns.count, stride, centered ? 1 : 0, &means,
        &deviations)
    }
  }

  /// Adds Σ dᵢ dⱼ over the leaf's columns to each element (i, j), j ≤ i, of a symmetric matrix that
  /// is packed by rows: element (i, j) at i (i + 1) / 2 + j. Cost: O(rows² · width).
  public func addInnerProducts(to packed: inout [Double]) {
    precondition(packed.count == rows * (rows + 1) / 2, "a lower triangle of the rows' number")
    unsafe ck_add_gram(deviations, rows, &packed)
  }

  /// The linear combinations Σₜ aₖₜ dₜ, rounded once, to `columns` of the rows of `target`.
  ///
  /// - Parameters:
  ///   - coefficients: a, [outputs, rows] row-major.
  ///   - target: [outputs, stride] row-major.
  public func combine(
    _ coefficients: [Double], outputs: Int, into target: inout MutableSpan<Float>, stride: Int,
    at column: Int
  ) {
    precondition(coefficients.count == outputs * rows, "a coefficient for each output and row")
    precondition(target.count >= outputs * stride && column + columns <= stride)
    if outputs == 0 || columns == 0 { return }
    unsafe target.withUnsafeMutableBufferPointer { target in
      unsafe ck_combine(
        coefficients, outputs, deviations, rows, columns, target.baseAddress! + column, stride)
    }
  }

  /// The columns' means, rounded once; 0 where they were not subtracted.
  public func copyMeans(to target: inout MutableSpan<Float>, at column: Int) {
    precondition(column + columns <= target.count, "room for the leaf's columns")
    for c in 0..<columns { target[column + c] = Float(means[c]) }
  }
}
