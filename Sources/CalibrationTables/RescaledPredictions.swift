import Files
import TrajectoryFiles

/// Writes rescaled probabilities as a predictions file; members are left out, because a temperature
/// belongs to the mean.
public final class RescaledPredictions {
  private let writer: PredictionsWriter
  private let source: ProbabilitySource

  /// - Throws: `FileError`: `cannotCreate`, `inputOutput`.
  public init(_ source: ProbabilitySource, to path: String, withHistory: Bool) throws {
    self.source = source
    writer = try PredictionsWriter(
      to: OutputTarget(path), kind: .classification(classes: source.classCount),
      count: source.rowCount, snapshots: source.snapshotCount, classNames: source.classNames,
      history: withHistory
        ? commandHistory(
          arguments: CommandLine.arguments, inputs: [source.history], stamp: false) : nil)
  }

  public func write(_ probabilities: [Float], rows: Range<Int>) throws {
    try writer.write(.probabilities, rows: rows, probabilities)
  }

  /// Writes the targets and lets the file appear.
  public func finish() throws {
    try writer.writeTargets(classes: source.classes(0..<source.rowCount))
    try writer.finish()
  }
}
