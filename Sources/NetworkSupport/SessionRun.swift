import Datasets
import Files
import Glibc
import Prediction
import ToolSupport
import Training
import TrajectoryFiles

/// Runs a session to its last epoch, with the table that it prints and the bar that shows how far it
/// is: what every tool that trains does alike.
public struct SessionRun {
  private let tool: String
  private let session: TrainingSession
  private let output: String
  private let epochs: Int
  private let quiet: Bool

  /// - Parameters:
  ///   - tool: its name, for messages.
  ///   - output: the file of the result.
  ///   - epochs: the last epoch.
  public init(
    _ tool: String, _ session: TrainingSession, to output: OutputTarget, epochs: Int, quiet: Bool
  ) {
    self.tool = tool
    self.output = output.path ?? "standard output"
    self.session = session
    self.epochs = epochs
    self.quiet = quiet
  }

  /// A row is printed once its epoch is saved.
  ///
  /// - Parameters:
  ///   - save: keeps the state after an epoch.
  ///   - validate: evaluates what training stands for after an epoch.
  /// - Throws: `FileError`, of kind `wrongData` where training diverges, and what both closures throw.
  public func run(
    _ table: inout TrainingTable, save: () throws -> Void, validate: () throws -> Evaluation?
  ) throws {
    if session.epoch >= epochs, !quiet {
      StandardError.write("\(tool): all \(session.epoch) epochs are done\n")
    }
    while session.epoch < epochs {
      let start = now()
      let progress = ProgressBar(
        "epoch \(session.epoch + 1)/\(epochs)", total: session.loop.stepsPerEpoch,
        unit: "steps", quiet: quiet)
      let summary: EpochSummary
      do {
        summary = try session.runEpoch { moment in
          progress.update(moment.done, note: "loss \(moment.summary.loss.significant(4))")
        }
        try save()
      } catch let error as DivergenceError {
        throw FileError(.wrongData, file: output, "\(error)")
      }
      let result = try validate()
      progress.clear()
      try table.add(summary, validation: result, seconds: now() - start)
    }
    try table.finish()
  }
}
