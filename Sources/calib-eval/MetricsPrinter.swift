import Calibration
import HDF5
import ToolSupport

/// Prints the metrics of file after file: a row each, or the bins of each.
struct MetricsPrinter {
  let reliability: Bool
  let json: Bool
  let quiet: Bool
  private var report: Report?

  init(reliability: Bool, json: Bool, quiet: Bool) {
    self.reliability = reliability
    self.json = json
    self.quiet = quiet
  }

  /// - Throws: `FileError` where the file is not of the kind of the first, and what printing throws.
  mutating func add(_ evaluation: Evaluation, name: String) throws {
    switch evaluation {
    case .classification(let metrics) where reliability:
      try start(
        ["file", "bin", "lower", "upper", "count", "confidence", "accuracy", "gap"], name)
      for (number, bin) in metrics.bins.enumerated() {
        try report?.add([
          .text(name), .integer(number), .number(bin.lower), .number(bin.upper),
          .number(bin.count), Self.value(bin.meanConfidence), Self.value(bin.accuracy),
          Self.value(bin.gap),
        ])
      }
    case .classification(let metrics):
      try start(
        [
          "file", "examples", "accuracy", "nll_nats", "brier", "ece", "mce", "confidence",
          "entropy_nats",
        ], name)
      if metrics.infiniteCount > 0 && !quiet {
        StandardError.write(
          "calib-eval: \(name): the likelihood of \(metrics.infiniteCount) of \(metrics.count) "
            + "examples is 0, so NLL is infinite; --clip bounds it\n")
      }
      try report?.add([
        .text(name), .integer(metrics.count), .number(metrics.accuracy),
        .number(metrics.negativeLogLikelihood), .number(metrics.brierScore),
        .number(metrics.expectedCalibrationError), .number(metrics.maximumCalibrationError),
        .number(metrics.meanConfidence), .number(metrics.meanEntropy),
      ])
    case .regression(let metrics):
      if reliability {
        throw FileError(
          .wrongData, file: name, "is a regression; a reliability table needs classes")
      }
      try start(["file", "values", "rmse", "mae", "log_likelihood_nats"], name)
      try report?.add([
        .text(name), .integer(metrics.count), .number(metrics.rootMeanSquaredError),
        .number(metrics.meanAbsoluteError), Self.value(metrics.logLikelihood),
      ])
    }
  }

  mutating func finish() throws { try report?.finish() }

  private mutating func start(_ columns: [String], _ name: String) throws {
    if let report {
      guard report.columns == columns else {
        throw FileError(
          .wrongData, file: name, "is not of the kind of the first: classification or regression")
      }
    } else {
      report = Report(columns: columns, json: json)
    }
  }

  private static func value(_ number: Double?) -> Report.Value {
    number.map { .number($0) } ?? .missing
  }
}
