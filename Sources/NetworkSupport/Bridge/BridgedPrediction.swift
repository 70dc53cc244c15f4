import Bridge
import Datasets
import Files
import Machine
import Prediction
import ToolSupport
import TrajectoryFiles

/// Averages the predictive distributions of all snapshots of all files, whose outputs a program computes:
/// what `nn-predict` does with networks of the suite, all rows at once. Memory: 8 bytes a row and class, 24 a
/// row and target.
public struct BridgedPrediction {
  private let files: [BridgedSnapshots]
  private let data: Dataset?
  private let noiseStd: Double?
  private let quiet: Bool

  /// - Parameters:
  ///   - files: of one worker, at least one.
  ///   - data: without its inputs; nil where only the program knows them.
  ///   - noiseStd: of a regression's targets.
  public init(_ files: [BridgedSnapshots], data: Dataset?, noiseStd: Double?, quiet: Bool) {
    self.files = files
    self.data = data
    self.noiseStd = noiseStd
    self.quiet = quiet
  }

  /// How many predictions are averaged.
  public var memberCount: Int { files.reduce(0) { $0 + $1.reader.snapshotCount } }

  /// Predicts, and writes what `open` opens when the first outputs are there.
  ///
  /// - Returns: what cannot be measured of the predictions; nil where all can.
  /// - Throws: `FileError`, `MemoryShortage`, a usage error.
  public func write(
    members: Bool,
    to open: (_ kind: PredictionKind, _ count: Int, _ classNames: [String]) throws ->
      PredictionsWriter
  ) throws -> String? {
    let progress = ProgressBar("predicting", total: memberCount, unit: "snapshots", quiet: quiet)
    var run: (writer: PredictionsWriter, mean: PredictiveMean)?
    for file in files {
      for i in 0..<file.reader.snapshotCount {
        let outputs = try file.outputs(of: i)
        var (writer, mean) = try run ?? begin(outputs, file.worker, open)
        run = nil
        try file.naming(i) {
          let member = mean.memberCount
          try mean.add(
            rowsAtATime: outputs.rowsAtATime, outputs.floats,
            each: members ? { try writer.write($0, member: member) } : nil)
        }
        progress.update(mean.memberCount)
        run = (writer, mean)
      }
    }
    progress.clear()
    guard let (writer, mean) = run else { return nil }
    try writer.write(mean)
    try writer.writeTargets(of: mean.dataset)
    try writer.finish()
    return mean.dataset.remark(predicting: mean.width, isRegression: mean.isRegression)
  }

  /// What the first outputs decide.
  private func begin(
    _ outputs: WorkerOutputs, _ worker: Worker,
    _ open: (PredictionKind, Int, [String]) throws -> PredictionsWriter
  ) throws -> (PredictionsWriter, PredictiveMean) {
    let form = outputs.form
    if noiseStd != nil && form.meaning != .values {
      throw usageError(
        form.isRegression
          ? "the program predicts a variance; leave --noise-std out"
          : "--noise-std belongs to real targets, but the program predicts classes")
    }
    let dataset =
      data
      ?? .unknown(count: outputs.rows, name: "what \(shown(worker.command, atMost: 80)) predicts")
    try dataset.check(fits: form, of: worker.command, anyClasses: true)
    var need = MemoryNeed("averaging predictions")
    need.add(
      Double(outputs.rows) * Double(form.width) * (form.isRegression ? 3 * 8 + 4 : 8 + 4),
      "sums of rows")
    try need.check()
    let kind: PredictionKind =
      form.isRegression
      ? .regression(outputs: form.width) : .classification(classes: form.width)
    let names = dataset.classNames.count == form.width ? dataset.classNames : []
    return (
      try open(kind, outputs.rows, names),
      PredictiveMean(dataset, form, noiseStd: noiseStd ?? 0)
    )
  }
}
