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
      &elements, seed: seed, stream: RandomPurpose.subspaceDirection.stream(k), from: index)
  }
}

/// The random streams of what samples in a subspace.
enum SubspaceStream {
  /// One transition of a Markov chain; with it a chain goes on from its state and its position in
  /// the sequence alone.
  static func transition(chain: Int, _ iteration: Int) -> StreamNumber {
    RandomPurpose.chainTransition.stream(UInt64(chain) << 36 | UInt64(iteration))
  }
  static func start(chain: Int) -> StreamNumber { RandomPurpose.chainStart.stream(chain) }
  static func optimisation(step: Int) -> StreamNumber {
    RandomPurpose.variationalStep.stream(step)
  }
  static func draw(_ sample: Int) -> StreamNumber { RandomPurpose.variationalDraw.stream(sample) }
}

/// A point drawn from N(0, 1) for a chain to start from: a function of (seed, chain).
public func priorDraw(dimension: Int, seed: UInt64, chain: Int) -> [Double] {
  var stream = RandomStream(seed: seed, stream: SubspaceStream.start(chain: chain))
  return (0..<dimension).map { _ in Double(stream.normal()) }
}
