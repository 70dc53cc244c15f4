import Glibc

/// Points, and the maps of the plane that draw digits.
struct Plane {
  typealias Point = SIMD2<Float>

  /// x ↦ matrix · x + shift, the matrix by its columns.
  let columns: (Point, Point)
  let shift: Point

  func callAsFunction(_ p: Point) -> Point { columns.0 * p.x + columns.1 * p.y + shift }

  // Through Double, so that every processor's library rounds to the same Float.
  static func sine(_ angle: Float) -> Float { Float(sin(Double(angle))) }
  static func cosine(_ angle: Float) -> Float { Float(cos(Double(angle))) }

  /// The squared distance of `p` from the segment a–b.
  static func squaredDistance(_ p: Point, from a: Point, to b: Point) -> Float {
    let along = b - a
    let length = (along * along).sum()
    let t = length > 0 ? min(max(((p - a) * along).sum() / length, 0), 1) : 0
    let d = p - (a + along * t)
    return (d * d).sum()
  }
}
