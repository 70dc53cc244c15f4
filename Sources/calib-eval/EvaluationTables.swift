import Calibration
import CalibrationTables
import Files
import ToolSupport

/// Prints what was measured of file after file as one table.
struct EvaluationTables {
  let json: Bool
  private var columns: [String] = []
  private var rows: [[Report.Value]] = []

  init(json: Bool) { self.json = json }

  /// Prints the rows: only now, so that nothing is printed of some files where another fails.
  func finish() throws {
    // Of nothing there is not even a header.
    guard !rows.isEmpty || json else { return }
    var report = Report(columns: columns, json: json)
    for row in rows { try report.add(row) }
    try report.finish()
  }

  /// A row of a file's metrics, each with its interval where rows were resampled.
  mutating func addMetrics(
    _ evaluation: Evaluation, temperature: Double?, withIntervals: Bool
  ) throws {
    var cells: [(String, Report.Value)] = [
      ("file", .text(evaluation.name)), (evaluation.unit, .integer(evaluation.count)),
    ]
    if let temperature { cells.append(("temperature", .number(temperature))) }
    for (metric, interval) in zip(evaluation.metrics, evaluation.intervals) {
      cells.append((metric.column, .number(metric.value)))
      guard withIntervals else { continue }
      cells.append((metric.column + "_low", .number(interval?.lower)))
      cells.append((metric.column + "_high", .number(interval?.upper)))
    }
    try add(cells, of: evaluation.name)
  }

  /// The bins of a file, or its quantiles.
  mutating func addReliability(_ evaluation: Evaluation) throws {
    let name = Report.Value.text(evaluation.name)
    switch evaluation.report {
    case .classes(let metrics):
      for (number, bin) in metrics.bins.enumerated() {
        try add(
          [
            ("file", name), ("bin", .integer(number)), ("lower", .number(bin.lower)),
            ("upper", .number(bin.upper)), ("count", .number(bin.count)),
            ("confidence", .number(bin.meanConfidence)), ("accuracy", .number(bin.accuracy)),
            ("gap", .number(bin.gap.map { -$0 })),
          ], of: evaluation.name)
      }
    case .values(let metrics):
      for quantile in metrics.quantiles {
        try add(
          [
            ("file", name), ("values", .integer(metrics.count)),
            ("quantile", .number(quantile.level)), ("observed", .number(quantile.observed)),
            ("gap", .number(quantile.observed - quantile.level)),
          ], of: evaluation.name)
      }
    }
  }

  /// The curve of risk against coverage.
  mutating func addRiskCurve(_ evaluation: Evaluation) throws {
    guard case .classes(let metrics) = evaluation.report else {
      throw FileError(.wrongData, file: evaluation.name, "is a regression; risk needs classes")
    }
    for point in metrics.selectiveRisk!.curve {
      try add(
        [
          ("file", .text(evaluation.name)), ("examples", .integer(metrics.count)),
          ("coverage", .number(point.coverage)), ("risk", .number(point.risk)),
          ("confidence", .number(point.confidence)),
        ], of: evaluation.name)
    }
  }

  /// Differences of a file's metrics from another's.
  mutating func addDifferences(
    _ differences: PairedDifferences, of evaluation: Evaluation, from reference: Evaluation
  ) throws {
    for difference in differences.differences {
      try add(
        [
          ("file", .text(evaluation.name)), ("reference", .text(reference.name)),
          (evaluation.unit, .integer(evaluation.count)), ("metric", .text(difference.column)),
          ("difference", .number(difference.value)),
          ("low", .number(difference.interval?.lower)),
          ("high", .number(difference.interval?.upper)),
          ("share_above", .number(difference.shareAbove)),
        ], of: evaluation.name)
    }
  }

  /// How well a file's rows are told from those outside.
  mutating func addDetections(
    _ detections: [OutsideDetection], inside: OutsideScores, outside: OutsideScores,
    withIntervals: Bool
  ) throws {
    for detection in detections {
      var cells: [(String, Report.Value)] = [
        ("file", .text(inside.name)), ("outside", .text(outside.name)),
        ("score", .text(detection.score.rawValue)), ("examples_in", .integer(inside.rowCount)),
        ("examples_out", .integer(outside.rowCount)),
      ]
      for (metric, interval) in zip(detection.metrics, detection.intervals) {
        cells.append((metric.column, .number(metric.value)))
        guard withIntervals else { continue }
        cells.append((metric.column + "_low", .number(interval?.lower)))
        cells.append((metric.column + "_high", .number(interval?.upper)))
      }
      cells.append(("symmetric_kl_nats", .number(detection.symmetricDivergence)))
      try add(cells, of: inside.name)
    }
  }

  /// The entropies' histograms.
  mutating func addHistograms(inside: OutsideScores, outside: OutsideScores) throws {
    let (a, b) = (inside.entropyHistogram, outside.entropyHistogram)
    let edges = EntropyHistogram.edges
    // What lies below the first edge, nearly all that is dropped, comes before the first bin.
    for bin in -1..<29 {
      let (inCount, outCount) =
        bin < 0 ? (a.dropped, b.dropped) : (a.counts[bin], b.counts[bin])
      try add(
        [
          ("file", .text(inside.name)), ("outside", .text(outside.name)),
          ("lower_nats", .number(bin < 0 ? 0 : edges[bin])),
          ("upper_nats", .number(edges[bin + 1])),
          ("count_in", .integer(inCount)), ("count_out", .integer(outCount)),
        ], of: inside.name)
    }
  }

  mutating func addConformal(_ report: ConformalReport) throws {
    try add(
      [
        ("file", .text(report.name)),
        (report.emptyShare == nil ? "values" : "examples", .integer(report.rowCount)),
        ("calibration_examples", .integer(report.calibrationCount)),
        ("level", .number(report.level)), ("threshold", .number(report.threshold)),
        ("coverage", .number(report.coverage)),
        (report.emptyShare == nil ? "mean_width" : "mean_size", .number(report.meanSize)),
        ("empty_share", .number(report.emptyShare)),
      ], of: report.name)
  }

  /// - Throws: `FileError` where the file is not of the kind of the first.
  private mutating func add(_ cells: [(String, Report.Value)], of name: String) throws {
    if rows.isEmpty { columns = cells.map(\.0) }
    guard columns == cells.map(\.0) else {
      throw FileError(
        .wrongData, file: name, "is not of the kind of the first: classification or regression")
    }
    rows.append(cells.map(\.1))
  }
}

extension Evaluation {
  /// What its count counts.
  fileprivate var unit: String {
    if case .classes = report { "examples" } else { "values" }
  }
}

extension Report.Value {
  fileprivate static func number(_ value: Double?) -> Report.Value {
    value.map { .number($0) } ?? .missing
  }
}
