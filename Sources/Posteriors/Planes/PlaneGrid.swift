/// The points of a rectangular grid: equidistant in x and in y, x running fastest.
public struct PlaneGrid: Sendable, Equatable {
  public let xs: [Double]
  public let ys: [Double]

  /// The grid of `columns` × `rows` points over both ranges, ends included; at least 2 each.
  public init(
    columns: Int, rows: Int, x: ClosedRange<Double>, y: ClosedRange<Double>
  ) {
    xs = Self.equidistant(columns, x)
    ys = Self.equidistant(rows, y)
  }

  /// `columns` points of a line along x.
  public init(columns: Int, x: ClosedRange<Double>) {
    xs = Self.equidistant(columns, x)
    ys = [0]
  }

  public var points: [(x: Double, y: Double)] { ys.flatMap { y in xs.map { ($0, y) } } }

  private static func equidistant(_ count: Int, _ range: ClosedRange<Double>) -> [Double] {
    precondition(count >= 2, "both ends are included")
    let last = Double(count - 1)
    // A weighted mean of the ends, so that both are exact and a symmetric range has an exact middle.
    return (0..<count).map {
      (range.lowerBound * (last - Double($0)) + range.upperBound * Double($0)) / last
    }
  }
}
