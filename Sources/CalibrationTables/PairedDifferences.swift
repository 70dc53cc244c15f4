import Calibration
import Files
import TrajectoryFiles

/// By how much one file's metrics differ from another's on the same examples.
public struct PairedDifferences {
  public struct Difference {
    public var column: String
    /// Metric of the file less that of the reference.
    public var value: Double
    public var interval: BootstrapInterval?
    /// Of the resampled sets, the share in which the file's metric is the larger, equal ones by half.
    public var shareAbove: Double?
  }

  public let differences: [Difference]

  /// - Throws: `FileError` of kind `wrongData` where the two have different targets.
  public init(
    of evaluation: Evaluation, from reference: Evaluation, bootstrap: Bootstrap?
  ) throws {
    guard evaluation.rowCount == reference.rowCount,
      evaluation.targetsDigest == reference.targetsDigest,
      evaluation.metrics.map(\.column) == reference.metrics.map(\.column)
    else {
      throw FileError(
        .wrongData, file: evaluation.name, object: PredictionTable.targets,
        "differ from those of \(reference.name): paired differences need the same examples in the "
          + "same order")
    }
    differences = evaluation.metrics.indices.compactMap { k in
      guard let own = evaluation.metrics[k].value, let other = reference.metrics[k].value,
        own.isFinite && other.isFinite
      else { return nil }
      var result = Difference(column: evaluation.metrics[k].column, value: own - other)
      var values: [Double?] = []
      for (a, b) in zip(evaluation.replicates, reference.replicates) {
        values.append(a[k].flatMap { a in b[k].map { a - $0 } })
      }
      // What chance adds to both is mostly gone from their difference.
      result.interval = values.isEmpty ? nil : bootstrap?.interval(own - other, values)
      if result.interval != nil {
        let above = values.reduce(0.0) { $0 + ($1! > 0 ? 1 : $1! == 0 ? 0.5 : 0) }
        result.shareAbove = above / Double(values.count)
      }
      return result
    }
  }
}
