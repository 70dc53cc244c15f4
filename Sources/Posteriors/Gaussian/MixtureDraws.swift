import WeightSpace

/// Draws from an equal mixture of low-rank Gaussians that stay where they are: draw i from component
/// i modulo their number (MultiSWAG: Wilson, Izmailov, "Bayesian deep learning and a probabilistic
/// perspective of generalization", NeurIPS 2020).
///
/// Cost: one pass over the components; 4 (M (K + 4) + 2) bytes × block width for each thread with M
/// components, 4 S bytes more with densities.
public struct MixtureDraws: Sendable {
  private let components: [any GaussianSource]
  /// P
  private let parameterCount: Int
  /// The numbers of the draws.
  private let draws: Range<Int>
  private let seed: UInt64
  private let varianceFloor: Float
  private let withDensity: Bool

  /// Densities are added up over so many columns at a time, whatever the width of blocks.
  private static let leaf = 4096

  /// - Parameters:
  ///   - components: over the same P parameters.
  ///   - draws: their numbers; a draw is a function of the seed and its number.
  ///   - varianceFloor: smaller variances are raised to it.
  ///   - withDensity: whether the log-density of each draw is found too.
  public init(
    from components: [any GaussianSource], parameterCount: Int, draws: Range<Int>, seed: UInt64,
    varianceFloor: Float = 0, withDensity: Bool = false
  ) {
    self.components = components
    self.parameterCount = parameterCount
    self.draws = draws
    self.seed = seed
    self.varianceFloor = varianceFloor
    self.withDensity = withDensity
  }

  /// The memory of one thread.
  private struct Block {
    var parts: [GaussianBlock]
    var noise: [Float]
    /// One draw, or all draws where their densities are wanted: [draws, width].
    var draws: [Float]

    init(width: Int, ranks: [Int], draws: Int) {
      parts = ranks.map { GaussianBlock(width: width, rank: $0) }
      noise = [Float](repeating: 0, count: width)
      self.draws = [Float](repeating: 0, count: width * draws)
    }
  }

  private var ranks: [Int] { components.map(\.gaussian.rank) }
  private var draftCount: Int { withDensity ? draws.count : 1 }

  /// Makes the draws, and returns the log-density of each where they are wanted, else nothing.
  ///
  /// - Parameters:
  ///   - memory: bytes, of all threads.
  ///   - progress: is told how many columns are done.
  ///   - write: takes columns of a draw, counted from 0. Called from several threads.
  /// - Throws: the components' errors for what is not finite or has no density, and what reading and
  ///   writing throw.
  public func run(
    memory: Int, progress: @Sendable (Int) -> Void = { _ in },
    write: @Sendable (_ draw: Int, Range<Int>, Span<Float>) throws -> Void
  ) throws -> [Double] {
    let ranks = ranks
    let blocks = blocks(memory: memory)
    let coefficients = draws.map { draw in
      components[draw % components.count].gaussian.coefficients(seed: seed, draw: draw)
    }
    let zero = ranks.map { rank in
      [Double](
        repeating: 0, count: withDensity ? DensitySums.count(rank: rank, points: draws.count) : 0)
    }
    let sums = try blocks.reduce(into: zero) {
      Block(width: $0, ranks: ranks, draws: draftCount)
    } _: { columns, block -> [[[Double]]] in
      for (m, component) in components.enumerated() {
        try component.read(columns, into: &block.parts[m])
        block.parts[m].raiseVariance(to: varianceFloor)
      }
      try draw(columns, coefficients, block.parts, &block.noise, &block.draws, write)
      defer { progress(columns.count) }
      return withDensity ? try densitySums(columns, block.parts, block.draws.span) : []
    } fold: { total, parts in
      for (m, leaves) in parts.enumerated() {
        for leaf in leaves {
          for i in leaf.indices { total[m][i] += leaf[i] }
        }
      }
    }
    return withDensity ? draws.indices.map { density(of: $0 - draws.lowerBound, sums) } : []
  }

  private var bytesPerColumn: Int {
    4 * (ranks.reduce(0) { $0 + $1 + 4 } + 1 + draftCount)
  }
  private func blocks(memory: Int) -> ColumnBlocks {
    ColumnBlocks(
      count: parameterCount, memory: memory, bytesPerColumn: bytesPerColumn,
      widest: 8 * Self.leaf, leaf: Self.leaf)
  }

  /// What `run` would take: bytes in blocks, in coefficients and in sums, and seconds of arithmetic.
  public func cost(memory: Int) -> (blocks: Double, numbers: Double, seconds: Double) {
    let blocks = blocks(memory: memory)
    let (s, k) = (Double(draws.count), Double(ranks.max() ?? 0))
    // Of each draw its coefficients; of densities the sums of every leaf of the blocks at hand, those
    // of all columns, and the matrices of a density.
    var numbers = 8 * s * (k + 8)
    var perWeight = 3.8 + 0.16 * k
    if withDensity {
      let sums = ranks.reduce(0.0) {
        $0 + 8 * Double(DensitySums.count(rank: $1, points: draws.count))
      }
      let leaves = Double(min(blocks.width, parameterCount) / Self.leaf + 1)
      numbers += sums * (2 * leaves * Double(Parallelism.threadCount) + 2) + 24 * k * k
      perWeight += 0.5 * k
    }
    return (
      blocks.memoryBytes(bytesPerColumn: bytesPerColumn + 8 * ranks.count), numbers,
      1e-9 * Double(parameterCount) * s * perWeight / Double(Parallelism.threadCount)
    )
  }

  private func draw(
    _ columns: Range<Int>, _ coefficients: [[Double]], _ parts: [GaussianBlock],
    _ noise: inout [Float], _ results: inout [Float],
    _ write: (Int, Range<Int>, Span<Float>) throws -> Void
  ) throws {
    var noise = noise.mutableSpan
    var results = results.mutableSpan
    let deviations = zip(parts, components).map { $0.standardDeviations($1.gaussian) }
    for (s, draw) in draws.enumerated() {
      let m = draw % components.count
      LowRankGaussian.fillNoise(&noise, seed: seed, draw: draw, from: columns.lowerBound)
      let place = (withDensity ? s : 0) * columns.count
      try results.withPart(place..<(place + columns.count)) { result in
        parts[m].draw(
          standardDeviations: deviations[m], coefficients: coefficients[s], noise: noise.span,
          into: &result)
        guard result.span.isFinite else { throw try components[m].nonFiniteError(in: columns) }
        try write(s, columns, result.span)
      }
    }
  }

  /// For each component the sums of each leaf.
  private func densitySums(
    _ columns: Range<Int>, _ parts: [GaussianBlock], _ points: Span<Float>
  ) throws -> [[[Double]]] {
    var sums: [[[Double]]] = []
    for (m, part) in parts.enumerated() {
      if let zero = part.variance.firstIndex(where: { !($0 > 0) }) {
        throw components[m].degenerateError(at: columns.lowerBound + zero)
      }
      var leaves: [[Double]] = []
      ColumnBlocks.forEachLeaf(of: columns.count, length: Self.leaf) { leaf in
        leaves.append(
          DensitySums(part, columns: leaf, points: points, count: draws.count).values)
      }
      sums.append(leaves)
    }
    return sums
  }

  /// log (1/M) Σ exp log-density, from the largest one.
  private func density(of draw: Int, _ sums: [[Double]]) -> Double {
    logMean(
      components.indices.map { m in
        components[m].gaussian.logDensity(
          ofPoint: draw, sums: DensitySums(rank: ranks[m], values: sums[m]),
          parameterCount: parameterCount) ?? .nan
      })
  }
}
