import HDF5
import Posteriors
import ToolSupport
import TrajectoryFiles
import WeightSpace

/// Draws from an equal mixture of Gaussians block by block into `output`: draw i from component i
/// modulo their number.
///
/// Cost: one pass over the components; 4 (M (K + 4) + 2) bytes × block width for each thread with M
/// components, 4 S bytes more with densities.
struct GaussianSampling: Sendable {
  let components: [PosteriorFile]
  /// The numbers of the draws.
  let draws: Range<Int>
  let seed: UInt64
  let varianceFloor: Float
  let withDensity: Bool
  let output: TrajectoryWriter

  /// Densities are added up over so many columns at a time, whatever the width of blocks.
  private static let leaf = 4096

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

  /// Returns the log-density of each draw where they are wanted, else nothing.
  ///
  /// - Throws: `FileError`: `wrongData` for what is not finite or has no density, and what reading
  ///   and writing throw.
  func run(memory: Int, progress: ProgressBar) throws -> [Double] {
    let count = components[0].reader.layout.count
    let bytesPerColumn = 4 * (ranks.reduce(0) { $0 + $1 + 4 } + 1 + draftCount)
    let affordable = memory / (Parallelism.threadCount * bytesPerColumn) / Self.leaf
    let width = min(max(affordable, 1), 8) * Self.leaf
    let coefficients = draws.map { draw in
      components[draw % components.count].gaussian.coefficients(seed: seed, draw: draw)
    }
    let sums = ranks.map { rank in
      OrderedSum(count: withDensity ? DensitySums.count(rank: rank, points: draws.count) : 0)
    }
    try forEachColumnBlock(count: count, width: width) {
      Block(width: min(width, count), ranks: ranks, draws: draftCount)
    } _: { columns, block in
      if columns.count != block.noise.count {
        block = Block(width: columns.count, ranks: ranks, draws: draftCount)
      }
      for (m, component) in components.enumerated() {
        try component.read(columns, into: &block.parts[m])
        block.parts[m].raiseVariance(to: varianceFloor)
      }
      try draw(columns, coefficients, block.parts, &block.noise, &block.draws)
      if withDensity { try addDensities(columns, block.parts, block.draws.span, to: sums) }
      progress.advance(by: columns.count)
    }
    return withDensity ? draws.indices.map { density(of: $0 - draws.lowerBound, sums, count) } : []
  }

  private func draw(
    _ columns: Range<Int>, _ coefficients: [[Double]], _ parts: [GaussianBlock],
    _ noise: inout [Float], _ results: inout [Float]
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
        guard result.span.isFinite else { throw try components[m].problem(in: columns) }
        try output.writeColumns(columns, of: s, from: result.span)
      }
    }
  }

  private func addDensities(
    _ columns: Range<Int>, _ parts: [GaussianBlock], _ points: Span<Float>, to sums: [OrderedSum]
  ) throws {
    for (m, part) in parts.enumerated() {
      if let zero = part.variance.firstIndex(where: { !($0 > 0) }) {
        throw components[m].degenerate(at: columns.lowerBound + zero)
      }
      for start in stride(from: 0, to: columns.count, by: Self.leaf) {
        let leaf = start..<min(start + Self.leaf, columns.count)
        let found = DensitySums(part, columns: leaf, points: points, count: draws.count)
        sums[m].add(found.values, part: (columns.lowerBound + start) / Self.leaf)
      }
    }
  }

  /// log (1/M) Σ exp log-density, from the largest one.
  private func density(of draw: Int, _ sums: [OrderedSum], _ count: Int) -> Double {
    logMean(
      components.indices.map { m in
        components[m].gaussian.logDensity(
          ofPoint: draw, sums: DensitySums(rank: ranks[m], values: sums[m].total),
          parameterCount: count) ?? .nan
      })
  }
}
