/// Coordinates along one or two directions that need not be at right angles, by their inner
/// products.
public struct DirectionFrame: Sendable, Equatable {
  private let xx: Double
  private let xy: Double
  private let yy: Double?

  /// A line along one direction of squared norm `xx`.
  public init(xx: Double) {
    self.xx = xx
    xy = 0
    yy = nil
  }

  /// A plane along two directions with these inner products.
  public init(xx: Double, xy: Double, yy: Double) {
    self.xx = xx
    self.xy = xy
    self.yy = yy
  }

  /// The point o + x d₁ + y d₂ that is nearest to w, and how far from it w is, by least squares; nil
  /// where the directions are 0 or parallel.
  ///
  /// - Parameters:
  ///   - products: ⟨w − o, d₁⟩ and ⟨w − o, d₂⟩.
  ///   - square: ‖w − o‖².
  public func projection(
    products: [Double], square: Double
  ) -> (x: Double, y: Double, distance: Double)? {
    guard let yy else {
      guard xx > 0 else { return nil }
      let x = products[0] / xx
      return (x, 0, max(0, square - x * products[0]).squareRoot())
    }
    let determinant = xx * yy - xy * xy
    guard determinant > 0 else { return nil }
    let x = (products[0] * yy - products[1] * xy) / determinant
    let y = (products[1] * xx - products[0] * xy) / determinant
    return (x, y, max(0, square - x * products[0] - y * products[1]).squareRoot())
  }
}
