import ArgumentParser
import Bridge
import Datasets
import Machine
import NetworkSupport
import NeuralNetworks
import Prediction
import ToolSupport
import TrajectoryFiles

/// Loss and accuracy of every snapshot.
@main struct NnEval: Tool {
  static let configuration = CommandConfiguration(
    commandName: "nn-eval",
    abstract: "Print loss and accuracy (or RMSE) of every snapshot on a data set.",
    discussion: """
      One row per snapshot: file, index, the snapshot's own columns, loss, and accuracy or rmse; \
      with --summary the published table of a curve: ends, extremes, means, barrier. \
      Networks with BatchNorm need statistics of their own: run bn-update on averaged weights first.
      """,
    version: networkVersionText(of: "nn-eval"))

  @Argument(
    help: ArgumentHelp("Weight files; - or none is standard input.", valueName: "trajectory"))
  var trajectories: [String] = []
  @Option(help: ArgumentHelp("The data set to evaluate on.", valueName: "data"))
  var data: String
  @Flag(help: "Summarise each file, a curve or a plane, instead of a row for each snapshot.")
  var summary = false
  @Option(
    name: [.long, .customLong("wd")],
    help: ArgumentHelp(
      "With --summary: also the loss with half this times the squared norm.", valueName: "w"))
  var weightDecay: Double?
  @Flag(help: "Print JSON instead of a table.") var json = false
  @OptionGroup var worker: WorkerOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var selection: SelectionOptions
  @OptionGroup var batch: BatchSizeOptions
  @OptionGroup var planning: PlanOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    try worker.requireData(data)
    try worker.refuse([("model", model.model != nil), ("plan", planning.plan)])
    if let weightDecay {
      guard summary else { throw ValidationError("--weight-decay needs --summary") }
      guard weightDecay >= 0, weightDecay.isFinite else {
        throw ValidationError("--weight-decay must be 0 or a positive number")
      }
    }
  }

  func execute() throws {
    if let command = worker.command { return try evaluate(by: command) }
    threads.applyToNetworks()
    let dataset = try Dataset.read(data, withInputs: !planning.plan)
    let files = try NetworkWeights.open(
      trajectories, selection: selection.selection, model: model.model, for: dataset)
    if planning.plan {
      return try planning.print(
        predictionPlan("evaluating", files, dataset, batchSize: batch.batchSize), json: json)
    }
    var table = try EvaluationTable(
      files.map(\.reader), isClassification: dataset.isClassification,
      summary: summary, weightDecay: weightDecay, json: json)
    let progress = ProgressBar(
      "evaluating", total: dataset.count * files.reduce(0) { $0 + $1.reader.snapshotCount },
      unit: "examples", quiet: quiet.quiet)
    var done = 0
    for file in files {
      let predictor = try Predictor(file.network, batchSize: min(batch.batchSize, dataset.count))
      try table.begin(file.reader)
      for i in 0..<file.reader.snapshotCount {
        try predictor.load {
          try file.read(i, weights: &$0, buffers: &$1)
          table.visit($0)
        }
        let result = try file.naming(i, on: dataset.name) {
          try Evaluation(predictor, dataset, loss: dataset.loss(for: file.network)) {
            done += $0
            progress.update(done)
          }
        }
        progress.clear()
        try table.add(result, snapshot: i, of: file.reader)
      }
      try table.end()
    }
    try table.finish()
  }

  /// Evaluates by a program.
  private func evaluate(by command: String) throws {
    threads.apply()
    let dataset = try Dataset.read(data, withInputs: false)
    let files = try worker.worker(
      command, data: data, dataset: dataset, batchSize: batch.batchSize
    ).open(trajectories, selection: selection.selection)
    var table = try EvaluationTable(
      files.map(\.reader), isClassification: dataset.isClassification,
      summary: summary, weightDecay: weightDecay, json: json)
    let progress = ProgressBar(
      "evaluating", total: files.reduce(0) { $0 + $1.reader.snapshotCount }, unit: "snapshots",
      quiet: quiet.quiet)
    var done = 0
    for file in files {
      try table.begin(file.reader)
      for i in 0..<file.reader.snapshotCount {
        let outputs = try file.outputs(of: i) { table.visit($0) }
        try dataset.check(fits: outputs.form, of: command)
        let result = try file.naming(i) {
          try Evaluation(
            dataset, outputs.form, batchSize: min(batch.batchSize, dataset.count), outputs.floats)
        }
        done += 1
        progress.update(done)
        progress.clear()
        try table.add(result, snapshot: i, of: file.reader)
      }
      try table.end()
    }
    try table.finish()
  }
}
