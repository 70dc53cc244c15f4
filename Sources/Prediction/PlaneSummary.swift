/// A quantity at points of a plane through weight space: its extremes and where they are.
public struct PlaneSummary: Sendable, Equatable {
  public struct Extreme: Sendable, Equatable {
    public let value: Double
    public let x: Double
    public let y: Double
  }

  /// The first of the smallest values.
  public let minimum: Extreme
  /// The first of the largest values.
  public let maximum: Extreme
  /// The mean over the points.
  public let mean: Double

  /// - Parameters:
  ///   - values: the quantity at each point, at least one.
  ///   - x, y: the points.
  public init(_ values: [Double], x: [Double], y: [Double]) {
    precondition(
      !values.isEmpty && x.count == values.count && y.count == values.count,
      "a place for each value")
    func extreme(_ k: Int) -> Extreme { Extreme(value: values[k], x: x[k], y: y[k]) }
    minimum = extreme(values.indices.min { values[$0] < values[$1] } ?? 0)
    maximum = extreme(values.indices.max { values[$0] < values[$1] } ?? 0)
    mean = values.reduce(0, +) / Double(values.count)
  }
}
