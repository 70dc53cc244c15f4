import Randomness

/// 28 × 28 grey images of the ten digits: skeletons under a random affine map and a smooth warp,
/// drawn with strokes of random width and contrast, among scraps of other digits and pixel noise.
///
/// They are made to be hard: the writing is distorted so far that some digits turn into others, and
/// 2 % of the labels are of another class, so that a network that has learned its training set by
/// heart is wrong more often than it believes.
enum SyntheticDigits {
  typealias Point = Plane.Point

  /// The share of labels drawn anew from the other nine classes.
  static let labelNoise: Float = 0.02

  static func dataset(count: Int, seed: UInt64) -> Dataset {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(count * GreyCanvas.side * GreyCanvas.side)
    var classes: [Int32] = []
    for index in 0..<count {
      var stream = Stream.synthetic(example: index).start(seed: seed)
      let digit = Int(stream.uniform(below: 10))
      var canvas = GreyCanvas()
      draw(digit, on: &canvas, with: &stream)
      for _ in 0..<stream.uniform(below: 4) { scrap(on: &canvas, with: &stream) }
      let noise = stream.uniform(in: 0.02..<0.16)
      canvas.addNoise(noise, seed: seed, stream: Stream.pixelNoise(example: index).number)
      pixels += canvas.bytes
      let isWrong = stream.uniform() < labelNoise
      let shift = Int(stream.uniform(below: 9)) + 1
      classes.append(Int32(isWrong ? (digit + shift) % 10 : digit))
    }
    return Dataset(
      name: "digits", inputShape: [1, GreyCanvas.side, GreyCanvas.side], inputs: .bytes(pixels),
      targets: .classes(classes), classNames: (0..<10).map { String($0) })
  }

  /// The digit about the middle.
  private static func draw(
    _ digit: Int, on canvas: inout GreyCanvas, with stream: inout RandomStream
  ) {
    let map = writing(
      angle: 0.17 * stream.normal(), shear: 0.2 * stream.normal(),
      size: Point(stream.uniform(in: 9..<19), stream.uniform(in: 15..<22)),
      centre: Point(14 + 1.3 * stream.normal(), 14 + 1.3 * stream.normal()))
    let warp = Warp(amplitude: 0.065, &stream)
    let radius = stream.uniform(in: 0.5..<1.6)
    let ink = stream.uniform(in: 0.5..<1)
    for stroke in DigitSkeleton.strokes[digit] {
      canvas.draw(stroke.map { map(warp($0)) }, radius: radius, ink: ink)
    }
  }

  /// A piece of some digit anywhere, fainter.
  private static func scrap(on canvas: inout GreyCanvas, with stream: inout RandomStream) {
    let strokes = DigitSkeleton.strokes[Int(stream.uniform(below: 10))]
    let stroke = strokes[Int(stream.uniform(below: UInt32(strokes.count)))]
    let length = min(stroke.count, 2 + Int(stream.uniform(below: 3)))
    let start = Int(stream.uniform(below: UInt32(stroke.count - length + 1)))
    let size = stream.uniform(in: 8..<18)
    let map = writing(
      angle: stream.uniform(in: -3..<3), shear: 0, size: Point(size, size),
      centre: Point(stream.uniform(in: 0..<28), stream.uniform(in: 0..<28)))
    canvas.draw(
      stroke[start..<start + length].map { map($0) }, radius: stream.uniform(in: 0.4..<1.2),
      ink: stream.uniform(in: 0.2..<0.8))
  }

  /// Sheared, rotated, stretched to `size` pixels about `centre`.
  private static func writing(angle: Float, shear: Float, size: Point, centre: Point) -> Plane {
    let (s, c) = (Plane.sine(angle), Plane.cosine(angle))
    // Rotation · shear · scale, of points measured from the middle of the unit square.
    let first = Point(c, s) * size.x
    let second = Point(-s - c * shear, c - s * shear) * size.y
    return Plane(columns: (first, second), shift: centre - (first + second) * 0.5)
  }

  /// A displacement by one slow wave per axis.
  private struct Warp {
    private let waves: (Point, Point)
    private let phases: Point
    private let amplitudes: Point

    init(amplitude: Float, _ stream: inout RandomStream) {
      func wave() -> Point {
        Point(stream.uniform(in: -1..<1), stream.uniform(in: -1..<1)) * (2 * .pi * 0.9)
      }
      waves = (wave(), wave())
      phases = Point(stream.uniform(in: 0..<6.2832), stream.uniform(in: 0..<6.2832))
      amplitudes = Point(stream.normal(), stream.normal()) * amplitude
    }

    func callAsFunction(_ p: Point) -> Point {
      let displacement = Point(
        Plane.sine((waves.0 * p).sum() + phases.x), Plane.sine((waves.1 * p).sum() + phases.y))
      return p + amplitudes * displacement
    }
  }
}
