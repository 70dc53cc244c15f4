import WeightSpace

/// SWAG's Gaussian of weights that come as rows, such as the snapshots of a training run: the mean,
/// the variance of each weight, and the last K deviations from the mean (Maddox et al., "A simple
/// baseline for Bayesian uncertainty in deep learning", NeurIPS 2019, algorithm 1). `LowRankGaussian`
/// says what distribution they stand for.
///
/// Cost: one pass over the rows (deviations from the final mean read their K rows twice); 24 bytes ×
/// block width for each thread.
public struct SWAG: Sendable {
  /// What is found for some columns.
  public enum Part: Sendable, Equatable {
    case mean
    case variance
    /// w − mean of one of the last K rows, counted from 0.
    case deviation(Int)
  }

  /// Which mean deviations are taken from.
  public enum Centre: String, Sendable, CaseIterable {
    /// That of the rows so far, as published.
    case running
    /// That of all rows.
    case final
  }

  private let rows: any WeightRows
  /// K, how many deviations are kept.
  public let rank: Int
  private let centre: Centre

  /// - Parameter rank: the most deviations; fewer where there are fewer rows.
  public init(of rows: any WeightRows, rank: Int, deviationsFrom centre: Centre) {
    precondition(rank >= 0, "a number of deviations")
    self.rows = rows
    self.rank = min(rank, rows.count)
    self.centre = centre
  }

  /// The memory of one thread.
  private struct Block {
    static let bytesPerColumn = 24
    var moments: RunningMoments
    var values: [Float]
    var result: [Float]

    init(width: Int) {
      moments = RunningMoments(width: width)
      values = [Float](repeating: 0, count: width)
      result = values
    }
  }

  /// - Parameters:
  ///   - memory: bytes, of all threads.
  ///   - progress: is told how many columns are done.
  ///   - write: takes columns of a part. Called from several threads.
  /// - Throws: the rows' error for a NaN or infinity, and what reading and writing throw.
  public func fit(
    memory: Int, progress: @Sendable (Int) -> Void = { _ in },
    write: @Sendable (Part, Range<Int>, Span<Float>) throws -> Void
  ) throws {
    try blocks(memory: memory).forEachBlock {
      Block(width: $0)
    } _: { columns, block in
      try fit(columns, &block.moments, &block.values, &block.result, write)
      progress(columns.count)
    }
  }

  private func blocks(memory: Int) -> ColumnBlocks {
    rows.blocks(memory: memory, bytesPerColumn: Block.bytesPerColumn)
  }

  /// What `fit` would take: bytes in blocks, passes over the rows, and seconds of arithmetic.
  public func cost(memory: Int) -> (bytes: Double, passes: Double, seconds: Double) {
    let twice = centre == .final ? Double(rank) / Double(rows.count) : 0
    return (
      blocks(memory: memory).memoryBytes(bytesPerColumn: Block.bytesPerColumn), 1 + twice,
      Double(rows.layout.count) * 1e-9 * (0.4 * Double(rows.count) + 0.6 * Double(rank + 2))
        / Double(Parallelism.threadCount)
    )
  }

  private func fit(
    _ columns: Range<Int>, _ moments: inout RunningMoments, _ values: inout [Float],
    _ result: inout [Float], _ write: (Part, Range<Int>, Span<Float>) throws -> Void
  ) throws {
    var values = values.mutableSpan
    var result = result.mutableSpan
    func put(_ part: Part, _ words: String, _ found: Span<Float>) throws {
      guard found.isFinite else { throw try rows.nonFiniteError(in: columns, of: words) }
      try write(part, columns, found)
    }
    let kept = (rows.count - rank)..<rows.count
    moments.reset()
    for t in 0..<rows.count {
      try rows.readColumns(columns, of: t, into: &values)
      moments.add(values.span)
      guard kept.contains(t), centre == .running else { continue }
      moments.difference(of: values.span, into: &result)
      try put(.deviation(t - kept.lowerBound), "the deviations is", result.span)
    }
    if centre == .final {
      for t in kept {
        try rows.readColumns(columns, of: t, into: &values)
        moments.difference(of: values.span, into: &result)
        try put(.deviation(t - kept.lowerBound), "the deviations is", result.span)
      }
    }
    moments.copyMean(into: &result)
    try put(.mean, "the mean is", result.span)
    moments.copyVariance(into: &result)
    try put(.variance, "the variance is", result.span)
  }
}
