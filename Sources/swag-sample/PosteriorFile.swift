import Files
import HDF5
import Posteriors
import TrajectoryFiles

/// A file of swag-fit and the Gaussian it stands for.
struct PosteriorFile: GaussianSource {
  let reader: TensorFileReader
  let gaussian: LowRankGaussian

  /// - Throws: `FileError` for a file of another kind, or with too few deviations for what `shape`
  ///   asks for.
  init(_ operand: String, _ shape: ShapeOptions) throws {
    let diagonal = shape.diagonal
    reader = try TensorFileReader(
      operand, kind: .gaussian,
      groups: [(.mean, false), (.variance, false)] + (diagonal ? [] : [(.deviations, true)]))
    if diagonal {
      gaussian = LowRankGaussian(scale: shape.resolvedScale, rank: 0, normalizer: 1)
      return
    }
    let rows = try reader.rows(of: .deviations)
    let configured = try reader.file.integerAttribute("rank") ?? rows
    let normalizer = (shape.normalizer == .rank ? configured : rows) - 1
    guard rows == 0 || normalizer > 0 else {
      throw FileError(
        .wrongData, file: reader.name, object: GroupName.deviations.path,
        "one deviation makes no covariance; fit with a larger --rank, or sample with --diagonal")
    }
    gaussian = LowRankGaussian(
      scale: shape.resolvedScale, rank: rows, normalizer: Double(max(normalizer, 1)))
  }

  /// Reads some columns into a block of that width.
  func read(_ columns: Range<Int>, into block: inout GaussianBlock) throws {
    var mean = block.mean.mutableSpan
    try reader.readColumns(columns, of: .mean, into: &mean)
    var variance = block.variance.mutableSpan
    try reader.readColumns(columns, of: .variance, into: &variance)
    let width = block.width
    for k in 0..<gaussian.rank {
      var row = block.deviations.mutableSpan
      try row.withPart((k * width)..<((k + 1) * width)) {
        try reader.readColumns(columns, of: .deviations, row: k, into: &$0)
      }
    }
  }

  /// The error for a draw from these columns that is not finite.
  func nonFiniteError(in columns: Range<Int>) throws -> any Error {
    for (group, rows) in [(GroupName.mean, 1), (.variance, 1), (.deviations, gaussian.rank)] {
      for row in 0..<rows {
        if let error = try reader.firstNonFinite(in: columns, of: group, row: row) { return error }
      }
    }
    let slot = reader.layout.slot(containing: columns.lowerBound).name
    return FileError(
      .wrongData, file: reader.name, object: GroupName.variance.path(of: slot),
      "negative here or soon after, or a sample is too large for float32")
  }

  /// The error for a variance of zero, which has no density.
  func degenerateError(at column: Int) -> any Error {
    let slot = reader.layout.slot(containing: column)
    return FileError(
      .wrongData, file: reader.name, object: GroupName.variance.path(of: slot.name),
      "element \(column - slot.range.lowerBound) is 0, where no density exists; raise it with"
        + " --variance-floor")
  }
}
