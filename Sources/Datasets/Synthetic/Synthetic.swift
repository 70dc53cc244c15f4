import Randomness

/// Data sets made from a seed, so that everything can be tried without a download.
///
/// Example i is a pure function of (seed, i): a larger set begins with the smaller one of the same
/// seed, and sets of different seeds are independent draws of one distribution. So train and test
/// sets are two seeds.
public enum Synthetic: String, Sendable, CaseIterable {
  /// 28 × 28 grey images of the ten digits, `SyntheticDigits`.
  case digits
  /// Two interleaved spirals in the plane, `SyntheticSpirals`.
  case spirals
  /// A curve of one variable seen in three clusters, `SyntheticSinusoid`.
  case sinusoid

  /// How many examples there are unless told otherwise.
  public var defaultCount: Int {
    switch self {
    case .digits: 10_000
    case .spirals: 2_000
    case .sinusoid: 400
    }
  }

  /// Draws `count` examples.
  public func dataset(count: Int, seed: UInt64) -> Dataset {
    switch self {
    case .digits: SyntheticDigits.dataset(count: count, seed: seed)
    case .spirals: SyntheticSpirals.dataset(count: count, seed: seed)
    case .sinusoid: SyntheticSinusoid.dataset(count: count, seed: seed)
    }
  }
}

/// Two classes on two interleaved spirals of one and a half turns, radius 0.2 to 1 and noise of
/// standard deviation 0.04 in both coordinates: features [2].
enum SyntheticSpirals {
  static func dataset(count: Int, seed: UInt64) -> Dataset {
    var inputs: [Float] = []
    var classes: [Int32] = []
    for index in 0..<count {
      var stream = Stream.synthetic(example: index).start(seed: seed)
      let arm = stream.uniform(below: 2)
      let along = stream.uniform()
      let angle = 3 * Float.pi * along + Float.pi * Float(arm)
      let radius = 0.2 + 0.8 * along
      inputs.append(radius * Plane.cosine(angle) + 0.04 * stream.normal())
      inputs.append(radius * Plane.sine(angle) + 0.04 * stream.normal())
      classes.append(Int32(arm))
    }
    return Dataset(
      name: "spirals", inputShape: [2], inputs: .floats(inputs), targets: .classes(classes),
      classNames: ["0", "1"])
  }
}

/// The one-dimensional regression of Izmailov et al. 2019: x in the clusters [−7.2, −4.8],
/// [−1.2, 1.2] and [4.8, 7.2], seen as features (x/2, (x/2)²), with noise of standard deviation
/// 0.05.
///
/// There y is a random network of x, whose weights were not published; here it is
/// f(x) = 0.15 + 0.65 sin(0.35 x + 0.8), which has about the same range and is known everywhere,
/// between the clusters too. The clusters hold 115, 136 and 149 of 400 points, as published.
enum SyntheticSinusoid {
  static func dataset(count: Int, seed: UInt64) -> Dataset {
    var inputs: [Float] = []
    var targets: [Float] = []
    for index in 0..<count {
      var stream = Stream.synthetic(example: index).start(seed: seed)
      let place = stream.uniform(below: 400)
      let centre: Float = place < 115 ? -6 : place < 251 ? 0 : 6
      let x = centre + 1.2 * (2 * stream.uniform() - 1)
      inputs += [x / 2, x * x / 4]
      targets.append(value(x) + 0.05 * stream.normal())
    }
    return Dataset(
      name: "sinusoid", inputShape: [2], inputs: .floats(inputs),
      targets: .values(targets, width: 1))
  }

  static func value(_ x: Float) -> Float { 0.15 + 0.65 * Plane.sine(0.35 * x + 0.8) }
}
