/// The ten digits as strokes in the unit square, x to the right and y down.
enum DigitSkeleton {
  typealias Point = Plane.Point

  /// Each stroke a polyline.
  static let strokes: [[[Point]]] = [
    [arc(0.5, 0.5, 0.29, 0.42, 0, 360)],
    [[Point(0.36, 0.24), Point(0.54, 0.08), Point(0.54, 0.92)]],
    [
      arc(0.48, 0.32, 0.27, 0.24, -170, 35) + [Point(0.22, 0.9)],
      [Point(0.22, 0.9), Point(0.8, 0.9)],
    ],
    [arc(0.46, 0.29, 0.25, 0.21, -150, 90), arc(0.46, 0.71, 0.29, 0.21, -90, 150)],
    [
      [Point(0.58, 0.08), Point(0.17, 0.62), Point(0.84, 0.62)],
      [Point(0.62, 0.36), Point(0.62, 0.92)],
    ],
    [
      [Point(0.76, 0.09), Point(0.31, 0.09), Point(0.28, 0.46)]
        + arc(0.47, 0.66, 0.28, 0.25, -125, 140)
    ],
    six,
    [[Point(0.2, 0.1), Point(0.79, 0.1), Point(0.42, 0.92)]],
    [arc(0.5, 0.29, 0.22, 0.2, 0, 360), arc(0.5, 0.7, 0.27, 0.21, 0, 360)],
    six.map { $0.map { Point(1 - $0.x, 1 - $0.y) } },
  ]

  private static let six = [
    arc(0.74, 0.66, 0.5, 0.57, -95, -180), arc(0.51, 0.68, 0.26, 0.23, 0, 360),
  ]

  /// A part of an ellipse, angles in degrees clockwise from the right, a segment each 24 degrees.
  private static func arc(
    _ x: Float, _ y: Float, _ radiusX: Float, _ radiusY: Float, _ from: Float, _ to: Float
  ) -> [Point] {
    let count = max(2, Int(abs(to - from) / 24))
    return (0...count).map { step in
      let angle = (from + (to - from) * Float(step) / Float(count)) * .pi / 180
      return Point(x + radiusX * Plane.cosine(angle), y + radiusY * Plane.sine(angle))
    }
  }
}
