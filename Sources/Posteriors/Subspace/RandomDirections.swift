import Randomness

/// Directions of independent standard normal elements: element i of direction k is a function of
/// (seed, k, i), so that any part of them can be made again at any time.
public struct RandomDirections: Sendable {
  public let seed: UInt64
  public let count: Int

  public init(seed: UInt64, count: Int) {
    self.seed = seed
    self.count = count
  }

  /// Elements of direction k from `index` on.
  public func fill(_ elements: inout MutableSpan<Float>, of k: Int, from index: Int) {
    precondition(k >= 0 && k < count, "no such direction")
    RandomStream.fillNormals(
      &elements, seed: seed, stream: SubspaceStream.direction(k), from: index)
  }
}

/// The random streams of subspaces and of what samples in them. The upper 16 bits of a stream's
/// number say what its variates are for.
enum SubspaceStream {
  static func direction(_ k: Int) -> UInt64 { 0x5244 << 48 | UInt64(k) }
  /// One transition of a Markov chain; with it a chain goes on from its state and its position in
  /// the sequence alone.
  static func transition(chain: Int, _ iteration: Int) -> UInt64 {
    0x4d43 << 48 | UInt64(chain) << 36 | UInt64(iteration)
  }
  static func start(chain: Int) -> UInt64 { 0x4353 << 48 | UInt64(chain) }
  static func optimisation(step: Int) -> UInt64 { 0x5649 << 48 | UInt64(step) }
  static func draw(_ sample: Int) -> UInt64 { 0x5144 << 48 | UInt64(sample) }
}

/// A point drawn from N(0, 1) for a chain to start from: a function of (seed, chain).
public func priorDraw(dimension: Int, seed: UInt64, chain: Int) -> [Double] {
  var stream = RandomStream(seed: seed, stream: SubspaceStream.start(chain: chain))
  return (0..<dimension).map { _ in Double(stream.normal()) }
}
