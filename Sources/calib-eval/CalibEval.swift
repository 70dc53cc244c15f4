import ArgumentParser
import CalibrationTables
import ToolSupport

/// Measures predictive distributions: accuracy, likelihood, calibration.
@main struct CalibEval: Tool {
  static let configuration = CommandConfiguration(
    commandName: "calib-eval",
    abstract: "Accuracy, likelihood and calibration of predictions.",
    discussion: """
      One row per file. Classification: accuracy, negative log-likelihood (nats), Brier score (0 to \
      2), expected, maximum and class-wise calibration error, mean confidence and mean entropy \
      (nats). Regression: root mean squared and mean absolute error, ranked probability score, \
      sharpness, coverage and width of central intervals, all in the targets' units, and \
      log-likelihood (nats). All are means over examples.
      """,
    version: versionText(of: "calib-eval"))

  @Argument(
    help: "Predictions files, or PROBABILITIES,CLASSES as two tables; standard input by default.")
  var predictions: [String] = []

  @OptionGroup var tables: TableOptions
  @OptionGroup var metrics: MetricOptions

  @Option(
    help: ArgumentHelp(
      "Print differences from this file's metrics on the same examples.", valueName: "predictions"))
  var against: String?

  @Flag(help: "Print the bins: a reliability table; the quantiles of a regression.")
  var reliability = false

  @Flag(name: .customLong("risk-coverage"), help: "Print the risk at 100 coverages.")
  var riskCoverage = false

  @Option(
    name: .customLong("temperature-from"),
    help: ArgumentHelp(
      "Rescale by the temperature that suits this file best.", valueName: "predictions"))
  var temperatureFrom: String?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Write the rescaled predictions to this file; - is standard output.", valueName: "file"))
  var output: String?

  @Flag(name: .customLong("no-history"), help: "Leave the history out of the result.")
  var noHistory = false

  @Option(
    help: ArgumentHelp(
      "Tell this file's examples, out of the distribution, from the others.",
      valueName: "predictions"))
  var ood: String?

  @Flag(help: "With --ood: print the histograms of the entropies.")
  var histogram = false

  @Option(
    help: ArgumentHelp(
      "Judge conformal sets that are fitted on this file.", valueName: "predictions"))
  var conformal: String?

  @Option(help: ArgumentHelp("What these sets are to cover.", valueName: "level"))
  var coverage = 0.9

  @Flag(help: "Print JSON instead of a table.")
  var json = false

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    if (tables.probabilities ?? tables.mean) != nil && !predictions.isEmpty {
      throw ValidationError("give predictions files or tables, not both")
    }
    let kinds: [(String, Bool)] = [
      ("--against", against != nil), ("--reliability", reliability),
      ("--risk-coverage", riskCoverage), ("--ood", ood != nil), ("--conformal", conformal != nil),
      ("--output", output != nil),
    ]
    let asked = kinds.filter(\.1).map(\.0)
    if asked.count > 1 { throw ValidationError("\(asked[0]) and \(asked[1]) exclude each other") }
    if histogram && ood == nil { throw ValidationError("--histogram needs --ood") }
    if output != nil && temperatureFrom == nil {
      throw ValidationError("--output writes rescaled predictions: it needs --temperature-from")
    }
    if output != nil && predictions.count > 1 {
      throw ValidationError("--output takes one predictions file")
    }
    if !(coverage > 0 && coverage < 1) {
      throw ValidationError("--coverage must lie between 0 and 1")
    }
  }

  func execute() throws {
    threads.apply()
    var run = EvaluationRun(
      settings: try metrics.settings(curvePoints: riskCoverage ? 100 : 0), reading: tables.reading,
      clip: metrics.clip, json: json, quiet: quiet.quiet)
    if let temperatureFrom { try run.fitTemperature(temperatureFrom) }
    let operands = predictions.isEmpty ? ["-"] : predictions
    let named = try tables.open()
    let inputs: [() throws -> Predictions] =
      named.map { named in [{ named }] }
      ?? operands.map { operand in { try Predictions.open(operand, tables.reading) } }
    if let ood {
      try run.detect(inputs, outside: ood, histogram: histogram)
    } else if let conformal {
      try run.judgeSets(inputs, calibration: conformal, level: coverage)
    } else if let against {
      try run.compare(inputs, with: against)
    } else if let output {
      try run.rescale(inputs[0](), to: output, withHistory: !noHistory)
    } else {
      try run.measure(inputs, reliability: reliability, riskCurve: riskCoverage)
    }
  }
}
