import ArgumentParser
import Calibration
import HDF5
import ToolSupport
import TrajectoryFiles

/// Measures predictive distributions: accuracy, likelihood, calibration.
@main struct CalibEval: Tool {
  static let configuration = CommandConfiguration(
    commandName: "calib-eval",
    abstract: "Accuracy, likelihood and calibration of predictions.",
    discussion: """
      One row per file. Classification: accuracy, negative log-likelihood (nats), Brier score (0 to \
      2), expected and maximum calibration error, mean confidence and mean entropy (nats). \
      Regression: root mean squared and mean absolute error in the targets' units, log-likelihood \
      (nats). All are means over examples.
      """,
    version: versionText(of: "calib-eval"))

  @Argument(help: "Predictions files; standard input by default.")
  var predictions: [String] = []

  @Option(
    help: ArgumentHelp(
      "Probabilities [N, C] in any HDF5 file, instead of a predictions file.",
      valueName: "file:/path"))
  var probabilities: String?

  @Option(help: ArgumentHelp("Their classes [N].", valueName: "file:/path"))
  var targets: String?

  @Flag(help: "What --probabilities names are logits, to be put through a softmax.")
  var logits = false

  @Option(help: ArgumentHelp("Bins of the calibration error (published: 20).", valueName: "b"))
  var bins: Int?

  @Option(
    help: ArgumentHelp(
      "Bins of equal width (default), of equal mass, or the adaptive ones of the published figures.",
      valueName: "width|mass|published"))
  var binning: Binning = .width

  @Option(
    help: ArgumentHelp(
      "Take a class's probability for at least this in the likelihood.", valueName: "eps"))
  var clip: Double?

  @Flag(help: "Print the bins: a reliability table.")
  var reliability = false

  @Flag(help: "Print JSON instead of a table.")
  var json = false

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    if (probabilities == nil) != (targets == nil) {
      throw ValidationError("--probabilities and --targets go together")
    }
    if probabilities != nil && !predictions.isEmpty {
      throw ValidationError("give predictions files or --probabilities, not both")
    }
    if logits && probabilities == nil { throw ValidationError("--logits needs --probabilities") }
    if let bins, !(1...1_000_000).contains(bins) {
      throw ValidationError("--bins must be 1 to 1000000")
    }
    if let clip, !(clip > 0 && clip < 1) {
      throw ValidationError("--clip must lie between 0 and 1")
    }
  }

  func execute() throws {
    threads.apply()
    let settings = MeterSettings(
      binning: binning, binCount: bins ?? (binning == .published ? 20 : 15), clip: clip)
    var printer = MetricsPrinter(reliability: reliability, json: json, quiet: quiet.quiet)
    if let probabilities, let targets {
      let pair = try ObjectPair(probabilities: probabilities, targets: targets)
      try printer.add(
        .classification(try pair.evaluate(logits: logits, with: settings)), name: probabilities)
    } else {
      for operand in predictions.isEmpty ? ["-"] : predictions {
        let reader = try PredictionsReader(operand)
        try printer.add(try reader.evaluate(with: settings), name: reader.name)
      }
    }
    try printer.finish()
  }
}

extension Binning: ExpressibleByArgument {}
