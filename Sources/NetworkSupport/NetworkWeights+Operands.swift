import Datasets
import Prediction
import TrajectoryFiles

extension NetworkWeights {
  /// Opens the weight files that a tool is to predict with, standard input where none is named, and
  /// checks that all suit the data and have the statistics that predictions need.
  ///
  /// - Parameter anyClasses: whether classes may lie outside those that the networks know.
  /// - Throws: `FileError` and `NetworkError` that name the file.
  public static func open(
    _ operands: [String], selection: SnapshotSelection, model: String?, for dataset: Dataset,
    anyClasses: Bool = false
  ) throws -> [NetworkWeights] {
    try (operands.isEmpty ? ["-"] : operands).map { operand in
      let weights = try NetworkWeights(
        TrajectoryReader(operand, selection: selection), ModelSource(model: model),
        input: dataset.inputShape)
      try weights.requireStatistics()
      try dataset.check(
        fits: weights.network, loss: dataset.loss(for: weights.network), anyClasses: anyClasses)
      return weights
    }
  }
}
