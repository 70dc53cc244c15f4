import CKernels

/// Mean and variance of vectors that come one at a time, element by element.
///
/// Welford's recursion in Double ("Note on a method for calculating corrected sums of squares and
/// products", 1962): with d = w − mean before the step, mean ← mean + d/t and
/// squares ← squares + d (w − mean); the variance is squares/t. Unlike E[w²] − E[w]², as published
/// implementations have it, nothing cancels where weights hardly vary about a large mean.
public struct RunningMoments: Sendable {
  /// How many vectors have been added.
  public private(set) var count = 0
  private var mean: [Double]
  private var squares: [Double]

  /// The moments of no vector. Memory: 16 bytes for each element.
  public init(width: Int) {
    mean = [Double](repeating: 0, count: width)
    squares = mean
  }

  /// The number of elements.
  public var width: Int { mean.count }

  /// Starts anew.
  public mutating func reset() {
    count = 0
    for i in mean.indices {
      mean[i] = 0
      squares[i] = 0
    }
  }

  /// Adds a vector of `width` elements. Cost: O(width).
  public mutating func add(_ vector: Span<Float>) {
    precondition(vector.count == width, "a vector of \(width) elements")
    count += 1
    if vector.isEmpty { return }
    unsafe vector.withUnsafeBufferPointer { x in
      unsafe ck_moments(&mean, &squares, x.baseAddress!, x.count, 1 / Double(count))
    }
  }

  /// `vector` minus the present mean, rounded once.
  public func difference(of vector: Span<Float>, into difference: inout MutableSpan<Float>) {
    precondition(
      vector.count == width && difference.count == width, "vectors of \(width) elements")
    if vector.isEmpty { return }
    unsafe difference.withUnsafeMutableBufferPointer { y in
      unsafe vector.withUnsafeBufferPointer { x in
        unsafe ck_differences(y.baseAddress!, x.baseAddress!, mean, x.count)
      }
    }
  }

  /// The mean, rounded once; 0 for no vector.
  public func copyMean(into target: inout MutableSpan<Float>) {
    precondition(target.count == width, "a vector of \(width) elements")
    for i in 0..<width { target[i] = Float(mean[i]) }
  }

  /// The variance Σ (w − mean)² / count, rounded once; 0 for no vector and for one.
  public func copyVariance(into target: inout MutableSpan<Float>) {
    precondition(target.count == width, "a vector of \(width) elements")
    let divisor = Double(max(count, 1))
    for i in 0..<width { target[i] = Float(squares[i] / divisor) }
  }
}
