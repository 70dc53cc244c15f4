import ArgumentParser
import Datasets
import NetworkSupport
import NeuralNetworks
import ToolSupport
import Training
import TrajectoryFiles

/// Loss and accuracy of every snapshot.
@main struct NnEval: Tool {
  static let configuration = CommandConfiguration(
    commandName: "nn-eval",
    abstract: "Print loss and accuracy (or RMSE) of every snapshot on a data set.",
    discussion: """
      One row per snapshot: file, index, the snapshot's own columns, loss, and accuracy or rmse. \
      Networks with BatchNorm need statistics of their own: run bn-update on averaged weights first.
      """,
    version: networkVersionText(of: "nn-eval"))

  @Argument(
    help: ArgumentHelp("Weight files; - or none is standard input.", valueName: "trajectory"))
  var trajectories: [String] = []
  @Option(help: ArgumentHelp("The data set to evaluate on.", valueName: "data"))
  var data: String
  @Flag(help: "Print JSON instead of a table.") var json = false
  @OptionGroup var model: ModelOptions
  @OptionGroup var selection: SelectionOptions
  @OptionGroup var batch: BatchSizeOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var quiet: QuietOptions

  func execute() throws {
    threads.applyToNetworks()
    let dataset = try Dataset.read(data)
    let files = try NetworkWeights.open(
      trajectories, selection: selection.selection, model: model.model, for: dataset)
    var names: [String] = []
    for column in files.flatMap(\.reader.columns) where !names.contains(column.name) {
      names.append(column.name)
    }
    let measure = dataset.isClassification ? "accuracy" : "rmse"
    var report = Report(columns: ["file", "index"] + names + ["loss", measure], json: json)
    let progress = ProgressBar(
      "evaluating", total: dataset.count * files.reduce(0) { $0 + $1.reader.snapshotCount },
      unit: "examples", quiet: quiet.quiet)
    var done = 0
    for file in files {
      let predictor = try Predictor(file.network, batchSize: min(batch.batchSize, dataset.count))
      for i in 0..<file.reader.snapshotCount {
        try predictor.load { try file.read(i, weights: &$0, buffers: &$1) }
        let result = try Evaluation(predictor, dataset, loss: dataset.loss(for: file.network)) {
          done += $0
          progress.update(done)
        }
        progress.clear()
        let columns = names.map { name in
          file.reader.columns.first { $0.name == name }.map { Report.Value.number($0.values[i]) }
            ?? .missing
        }
        try report.add(
          [.text(file.reader.name), .integer(file.reader.indices[i])] + columns
            + [
              .number(result.loss),
              .number(dataset.isClassification ? result.accuracy : result.rootMeanSquaredError),
            ])
      }
    }
    try report.finish()
  }
}
