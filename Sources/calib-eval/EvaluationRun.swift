import Calibration
import CalibrationTables
import Files
import ToolSupport

/// What `calib-eval` does with its inputs, one after the other: measures them and prints one table.
///
/// Inputs are opened when their turn comes. All methods throw `FileError` for what is wrong with one of
/// them, and what printing throws.
struct EvaluationRun {
  let settings: EvaluationSettings
  let reading: Predictions.Reading
  let clip: Double?
  let quiet: Bool
  private var tables: EvaluationTables
  private var temperature: Double?
  /// The file that the temperature suits.
  private var temperatureSource: ProbabilitySource?

  /// - Parameters:
  ///   - reading: how tables that are no predictions files are read.
  ///   - clip: what a class's probability is raised to in a temperature's likelihood.
  init(
    settings: EvaluationSettings, reading: Predictions.Reading, clip: Double?, json: Bool,
    quiet: Bool
  ) {
    self.settings = settings
    self.reading = reading
    self.clip = clip
    self.quiet = quiet
    tables = EvaluationTables(json: json)
  }

  private func open(_ operand: String) throws -> Predictions {
    try Predictions.open(operand, reading)
  }

  /// Predictions of which the classes do not matter.
  private func unlabelled(_ operand: String) throws -> Predictions {
    var reading = reading
    reading.needsTargets = false
    return try Predictions.open(operand, reading)
  }

  private func note(_ words: String) {
    if !quiet { StandardError.write("calib-eval: \(words)\n") }
  }

  /// Finds the temperature that suits a file best, and rescales all others by it from then on.
  mutating func fitTemperature(_ operand: String) throws {
    let source = try noted(open(operand)).probabilities(for: "a temperature")
    let fit = try source.fitTemperature(floor: clip ?? 1e-12)
    temperature = fit.temperature
    temperatureSource = source
    switch fit.outcome {
    case .minimum: break
    case .lowerBound:
      note(
        "\(operand): the likelihood does not fall with the temperature (the classes are separated); "
          + "it is at its lower bound \(fit.temperature)")
    case .upperBound:
      note(
        "\(operand): the likelihood grows with the temperature (the predictions say nothing of the "
          + "classes); it is at its upper bound \(fit.temperature)")
    case .indifferent:
      note("\(operand): the likelihood is the same at any temperature; it is left at 1")
    }
  }

  private func noted(_ predictions: Predictions) -> Predictions {
    for words in predictions.notes { note(words) }
    return predictions
  }

  /// The predictions at the fitted temperature.
  private func rescaled(_ predictions: Predictions) throws -> Predictions {
    let predictions = noted(predictions)
    guard let temperature else { return predictions }
    var source = try predictions.probabilities(for: "a temperature")
    if let temperatureSource { try source.requireClasses(of: temperatureSource) }
    source.inverseTemperature = 1 / temperature
    return .classes(source)
  }

  private func evaluate(_ predictions: Predictions) throws -> Evaluation {
    let evaluation = try rescaled(predictions).evaluate(with: settings)
    noteInfinity(evaluation)
    return evaluation
  }

  private func noteInfinity(_ evaluation: Evaluation) {
    guard case .classes(let metrics) = evaluation.report, metrics.infiniteCount > 0 else { return }
    note(
      "\(evaluation.name): the likelihood of \(metrics.infiniteCount) of \(metrics.count) examples "
        + "is 0, so NLL is infinite; --clip bounds it")
  }

  /// Prints the metrics of each file, its bins, or its curve of risk.
  mutating func measure(
    _ inputs: [() throws -> Predictions], reliability: Bool, riskCurve: Bool
  ) throws {
    for input in inputs {
      let evaluation = try evaluate(input())
      if reliability {
        try tables.addReliability(evaluation)
      } else if riskCurve {
        try tables.addRiskCurve(evaluation)
      } else {
        try tables.addMetrics(
          evaluation, temperature: temperature, withIntervals: settings.bootstrap != nil)
      }
    }
    try tables.finish()
  }

  /// Prints the differences of each file's metrics from one file's.
  mutating func compare(_ inputs: [() throws -> Predictions], with operand: String) throws {
    let reference = try evaluate(open(operand))
    for input in inputs {
      let evaluation = try evaluate(input())
      try tables.addDifferences(
        PairedDifferences(of: evaluation, from: reference, bootstrap: settings.bootstrap),
        of: evaluation, from: reference)
    }
    try tables.finish()
  }

  /// Prints how well each file's rows are told from another's, which are out of the distribution.
  mutating func detect(
    _ inputs: [() throws -> Predictions], outside operand: String, histogram: Bool
  ) throws {
    let others = try rescaled(unlabelled(operand)).probabilities(for: "--ood")
    let outside = try OutsideScores(others)
    for input in inputs {
      let own = try rescaled(input()).probabilities(for: "--ood")
      try own.requireClasses(of: others)
      let inside = try OutsideScores(own)
      if histogram {
        try tables.addHistograms(inside: inside, outside: outside)
      } else {
        try tables.addDetections(
          inside.detect(outside, bootstrap: settings.bootstrap), inside: inside, outside: outside,
          withIntervals: settings.bootstrap != nil)
      }
    }
    try tables.finish()
  }

  /// Prints what conformal sets fitted on one file are worth on the others.
  mutating func judgeSets(
    _ inputs: [() throws -> Predictions], calibration operand: String, level: Double
  ) throws {
    let calibration = try rescaled(open(operand))
    let scores = try calibration.conformalScores()
    for input in inputs {
      let predictions = try rescaled(input())
      switch (predictions, calibration) {
      case (.classes(let own), .classes(let other)): try own.requireClasses(of: other)
      case (.values, .values): break
      default:
        throw FileError(
          .wrongData, file: predictions.name,
          "is not of the kind of \(calibration.name): classification or regression")
      }
      try tables.addConformal(predictions.conformal(calibration: scores, level: level))
    }
    try tables.finish()
  }

  /// Writes the predictions at the fitted temperature, and prints their metrics unless the file goes
  /// to standard output.
  mutating func rescale(_ predictions: Predictions, to path: String, withHistory: Bool)
    throws
  {
    guard case .classes(let source) = try rescaled(predictions) else { return }
    let writer = try RescaledPredictions(source, to: path, withHistory: withHistory)
    let evaluation = try Predictions.classes(source).evaluate(with: settings) {
      try writer.write($1, rows: $0)
    }
    try writer.finish()
    noteInfinity(evaluation)
    guard path != "-" else { return }
    try tables.addMetrics(
      evaluation, temperature: temperature, withIntervals: settings.bootstrap != nil)
    try tables.finish()
  }
}
