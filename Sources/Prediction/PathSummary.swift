/// A quantity v₀, …, vₙ at points along a path through weight space, in the numbers that papers
/// print of it.
///
/// Garipov, Izmailov, Podoprikhin, Vetrov and Wilson, "Loss surfaces, mode connectivity, and fast
/// ensembling of DNNs", NeurIPS 2018, appendix; the barrier as in Frankle, Dziugaite, Roy and Carbin,
/// "Linear mode connectivity and the lottery ticket hypothesis", ICML 2020.
///
/// A value that is not finite, as where the network diverges, makes maximum, means and barrier NaN or
/// infinite too, at its position.
public struct PathSummary: Sendable, Equatable {
  public let start: Double
  public let end: Double
  public let minimum: Double
  public let maximum: Double
  /// The position of the first point where the maximum is.
  public let maximumPosition: Double
  /// The mean over the points.
  public let mean: Double
  /// The mean along the path's length, by the trapezoidal rule: Σ ½ (vₖ₋₁ + vₖ) dₖ / Σ dₖ.
  public let integral: Double
  /// The largest excess over the straight line between the ends' values,
  /// maxₖ vₖ − ((1 − sₖ) v₀ + sₖ vₙ) with sₖ the position's fraction; never negative.
  public let barrier: Double

  /// - Parameters:
  ///   - values: the quantity at each point, at least one.
  ///   - positions: where each point is, such as the t of a curve; ascending.
  ///   - distances: between each point and the next; where all are 0 the integral is the mean.
  public init(_ values: [Double], positions: [Double], distances: [Double]) {
    precondition(
      !values.isEmpty && positions.count == values.count && distances.count == values.count - 1,
      "a position for each value, and a distance between neighbours")
    let last = values.count - 1
    start = values[0]
    end = values[last]
    mean = values.reduce(0, +) / Double(values.count)
    var (minimum, maximum, place) = (values[0], values[0], 0)
    var (area, length, barrier) = (0.0, 0.0, 0.0)
    let extent = positions[last] - positions[0]
    for (k, value) in values.enumerated() {
      if !(value >= minimum) && !value.isNaN { minimum = value }
      // Comparisons with NaN are false: the first one stays the maximum.
      if value > maximum || (value.isNaN && !maximum.isNaN) { (maximum, place) = (value, k) }
      let fraction = extent > 0 ? (positions[k] - positions[0]) / extent : 0
      let excess = value - ((1 - fraction) * values[0] + fraction * values[last])
      if excess > barrier || excess.isNaN { barrier = excess }
      if k > 0 {
        area += 0.5 * (values[k - 1] + value) * distances[k - 1]
        length += distances[k - 1]
      }
    }
    self.minimum = minimum
    self.maximum = maximum
    maximumPosition = positions[place]
    self.barrier = barrier
    integral = length > 0 ? area / length : mean
  }
}
