import Files
import Training
import TrajectoryFiles

extension GrowingTrajectory {
  /// Makes a checkpoint the state to resume from.
  public func save(_ checkpoint: Checkpoint) throws {
    for vector in checkpoint.vectors { try writeState(vector.name, vector.values) }
    try commitState(
      scalars: Dictionary(
        uniqueKeysWithValues: checkpoint.numbers.map { ($0.name, $0.value) }))
  }

  /// The file to go on with, all of the checkpoint set to its state; nil where there is none, or nothing
  /// was saved before the run stopped, so that it starts over.
  ///
  /// - Parameters:
  ///   - parts: what the run would have created.
  ///   - command: this command's line, for the file's history.
  /// - Throws: `FileError`, also for a file of another run.
  public static func resume(
    _ output: PartFile, _ parts: Parts, command: String?, settings: RunSettings,
    _ checkpoint: Checkpoint
  ) throws -> GrowingTrajectory? {
    guard
      let trajectory = try GrowingTrajectory.resume(
        output, parts, command: command, check: settings.requireSame)
    else { return nil }
    for vector in checkpoint.vectors {
      try trajectory.readState(vector.name, into: &vector.values)
    }
    do { try checkpoint.restore(numbers: trajectory.stateScalars()) } catch let error
      as CheckpointError
    {
      throw FileError(
        .wrongData, file: trajectory.name, object: DatasetName.state("numbers").path,
        "damaged: \(error)")
    }
    return trajectory
  }
}
