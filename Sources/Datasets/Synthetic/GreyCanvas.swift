import Randomness

/// A grey image that strokes are drawn on, 0 for paper and 1 for ink.
struct GreyCanvas {
  static let side = 28
  private var pixels = [Float](repeating: 0, count: side * side)

  /// Draws a polyline with round ends; what is darker already stays.
  mutating func draw(_ points: [Plane.Point], radius: Float, ink: Float) {
    for (a, b) in zip(points, points.dropFirst()) {
      let reach = radius + 1
      for y in Self.range(min(a.y, b.y) - reach, max(a.y, b.y) + reach) {
        for x in Self.range(min(a.x, b.x) - reach, max(a.x, b.x) + reach) {
          let centre = Plane.Point(Float(x) + 0.5, Float(y) + 0.5)
          let distance = Plane.squaredDistance(centre, from: a, to: b).squareRoot()
          // The edge is one pixel wide.
          let value = ink * min(max(radius + 0.5 - distance, 0), 1)
          let index = y * Self.side + x
          if value > pixels[index] { pixels[index] = value }
        }
      }
    }
  }

  /// The pixels whose centres lie between two coordinates.
  private static func range(_ lower: Float, _ upper: Float) -> Range<Int> {
    let first = min(max(Int(max(lower, 0)), 0), side)
    return first..<max(first, min(Int(max(upper, -1)) + 1, side))
  }

  /// Adds independent normal noise to every pixel.
  mutating func addNoise(_ deviation: Float, seed: UInt64, stream: StreamNumber) {
    var noise = [Float](repeating: 0, count: pixels.count)
    var span = noise.mutableSpan
    RandomStream.fillNormals(&span, seed: seed, stream: stream)
    for i in pixels.indices { pixels[i] += deviation * noise[i] }
  }

  var bytes: [UInt8] {
    pixels.map { UInt8(min(max($0, 0), 1) * 255 + 0.5) }
  }
}
