import Datasets
import Files
import Prediction
import TrajectoryFiles

extension PredictionsWriter {
  /// Writes some rows of one member.
  public func write(_ rows: PredictiveMean.Rows, member: Int) throws {
    if case .classification = kind {
      try write(.probabilities, member: member, rows: rows.range, rows.values)
    } else {
      try write(.mean, member: member, rows: rows.range, finite(rows.values, .mean, rows.range))
      try write(
        .aleatoricVariance, member: member, rows: rows.range,
        finite(rows.variances, .aleatoricVariance, rows.range))
    }
  }

  /// Writes the averaged predictions of the rows that the mean is of.
  ///
  /// - Throws: `FileError` of kind `wrongData` for a number beyond the range of float32.
  public func write(_ mean: PredictiveMean) throws {
    guard mean.isRegression else {
      return try write(.probabilities, rows: mean.rows, mean.probabilities)
    }
    for (table, values) in [
      (PredictionTable.mean, mean.mean), (.variance, mean.variance),
      (.aleatoricVariance, mean.aleatoricVariance), (.epistemicVariance, mean.epistemicVariance),
    ] {
      try write(table, rows: mean.rows, finite(values, table, mean.rows))
    }
  }

  /// Writes the targets of the data set, if it has some.
  public func writeTargets(of dataset: Dataset) throws {
    guard dataset.isLabelled else { return }
    switch dataset.targets {
    case .classes(let classes): try writeTargets(classes: classes)
    case .values(let values, _): try writeTargets(values: values)
    }
  }

  private func finite(_ values: [Float], _ table: PredictionTable, _ rows: Range<Int>) throws
    -> [Float]
  {
    if let i = values.firstIndex(where: { !$0.isFinite }) {
      throw FileError(
        .wrongData, file: "the predictions", object: table.rawValue,
        "\(values[i]) for example \(rows.lowerBound + i / kind.width): beyond the range of float32")
    }
    return values
  }
}
