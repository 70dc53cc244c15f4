/// The plane through three points a, b and c of weight space, with orthonormal coordinates: a is the
/// origin, x runs towards c, and y from the line through a and c towards b,
///
///     û = (c − a) / ‖c − a‖,   v = (b − a) − ⟨b − a, û⟩ û,   v̂ = v / ‖v‖
///
/// Known by the points' distances alone: neither û nor v̂ is ever rounded to Float.
///
/// Garipov, Izmailov, Podoprikhin, Vetrov and Wilson, "Loss surfaces, mode connectivity, and fast
/// ensembling of DNNs", NeurIPS 2018, appendix.
public struct PlaneTriangle: Sendable, Equatable {
  /// ‖c − a‖, the x of c.
  public let width: Double
  /// ‖v‖, the y of b.
  public let height: Double
  /// ⟨b − a, û⟩, the x of b.
  public let foot: Double
  private let ab: Double
  private let ac: Double

  /// Nil where the points lie on one line but for rounding: where b is no further from the line than
  /// the rounding of the weights themselves can put it there, 2⁻²⁴ of the points' norms, with a
  /// margin of 4, or than the rounding of the distances.
  ///
  /// - Parameters:
  ///   - ab, ac, bc: squared distances.
  ///   - norm: the largest norm of the three.
  public init?(ab: Double, ac: Double, bc: Double, norm: Double) {
    guard ac > 0 else { return nil }
    self.ab = ab
    self.ac = ac
    width = ac.squareRoot()
    foot = (ab + ac - bc) / (2 * width)
    let square = ab - foot * foot
    let longest = max(ab, ac, bc).squareRoot()
    guard square > 0, square.squareRoot() > max(norm * 0x1p-22, longest * 1e-6) else {
      return nil
    }
    height = square.squareRoot()
  }

  /// How much of a, b and c the point (x, y) has; the numbers add up to 1, and are exactly 1, 0 and
  /// 0 in the points' own order at the points themselves.
  public func shares(x: Double, y: Double) -> [Double] {
    let b = y / height
    let c = x / width - foot / width * b
    return [1 - b - c, b, c]
  }

  /// The point of the plane that is nearest to weights with these squared distances from a, b and
  /// c, and how far from it they are.
  public func projection(squaredDistances: [Double]) -> (x: Double, y: Double, distance: Double) {
    let (a, b, c) = (squaredDistances[0], squaredDistances[1], squaredDistances[2])
    // ⟨w − a, c − a⟩ and ⟨w − a, b − a⟩ by the law of cosines.
    let x = (a + ac - c) / (2 * width)
    let y = ((a + ab - b) / 2 - x * foot) / height
    return (x, y, max(0, a - x * x - y * y).squareRoot())
  }
}
