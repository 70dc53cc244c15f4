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
  private let epochs: Int
  private let quiet: Bool

  /// - Parameters:
  ///   - tool: its name, for messages.
  ///   - epochs: the last epoch.
  public init(_ tool: String, _ session: TrainingSession, epochs: Int, quiet: Bool) {
    self.tool = tool
    self.session = session
    self.epochs = epochs
    self.quiet = quiet
  }

  /// - Parameters:
  ///   - save: keeps the state after an epoch.
  ///   - validate: evaluates what training stands for after an epoch.
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
      let summary = try session.runEpoch { moment in
        progress.update(moment.done, note: "loss \(moment.summary.loss.significant(4))")
      }
      try save()
      let result = try validate()
      progress.clear()
      try table.add(summary, validation: result, seconds: now() - start)
    }
    try table.finish()
  }
}
