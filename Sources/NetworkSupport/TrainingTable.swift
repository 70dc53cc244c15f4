import Datasets
import Files
import Prediction
import ToolSupport
import Training
import TrajectoryFiles

/// The table that training prints, one row per epoch: epoch, learning rate, loss and accuracy (or
/// RMSE, in the targets' units) over its batches, the same for validation data, and seconds.
///
/// It is on standard output, or on standard error where the output carries the weights; there
/// `quiet` leaves it out.
public struct TrainingTable {
  private let dataset: Dataset
  private let hasValidation: Bool
  private let isShown: Bool
  private var report: Report

  /// - Throws: `FileError` of kind `inputOutput` where nobody can get the table.
  public init(
    _ dataset: Dataset, validation: Bool, output: OutputTarget, json: Bool, quiet: Bool
  ) throws {
    if output.path != nil { try StandardOutput.requireOpen() }
    self.dataset = dataset
    hasValidation = validation
    isShown = !quiet || output.path != nil
    let quality = dataset.isClassification ? "accuracy" : "rmse"
    report = Report(
      columns: ["epoch", "learning_rate", "train_loss", "train_\(quality)"]
        + (validation ? ["validation_loss", "validation_\(quality)"] : []) + ["seconds"],
      json: json, toStandardError: output.path == nil)
  }

  /// Prints an epoch's row.
  public mutating func add(
    _ summary: EpochSummary, validation: Evaluation?, seconds: Double
  ) throws {
    guard isShown else { return }
    let quality =
      dataset.isClassification
      ? summary.accuracy : dataset.rootMeanSquaredError(ofNormalized: summary.meanSquaredErrors)
    var row: [Report.Value] = [
      .integer(summary.epoch), .number(summary.learningRate), .number(summary.loss),
      .number(quality),
    ]
    if hasValidation {
      row +=
        validation.map { result in
          [
            .number(result.loss),
            .number(dataset.isClassification ? result.accuracy : result.rootMeanSquaredError),
          ]
        } ?? [.missing, .missing]
    }
    try report.add(row + [.number(seconds)])
  }

  /// Ends the table.
  public mutating func finish() throws {
    if isShown { try report.finish() }
  }
}
