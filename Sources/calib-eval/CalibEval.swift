import ArgumentParser
import Calibration
import CalibrationTables
import Files
import Machine
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

  @Flag(help: "Replace the file of --output also where it is a run that could go on.")
  var overwrite = false

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

  @OptionGroup var planning: PlanOptions
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
    if let output {
      try OutputTarget(output).check(
        inputs: files(of: predictions) + [temperatureFrom] + tables.files, mayReplaceRun: overwrite)
    }
    var run = EvaluationRun(
      settings: try metrics.settings(curvePoints: riskCoverage ? 100 : 0), reading: tables.reading,
      clip: metrics.clip, json: json, quiet: quiet.quiet)
    if let temperatureFrom, !planning.plan { try run.fitTemperature(temperatureFrom) }
    let operands = predictions.isEmpty ? ["-"] : predictions
    var reading = tables.reading
    reading.needsTargets = ood == nil
    let named = try tables.open()
    let inputs: [() throws -> Predictions] =
      named.map { named in [{ named }] }
      ?? operands.map { operand in { try Predictions.open(operand, reading) } }
    if planning.plan {
      return try planning.print(planned(inputs, run.settings), json: json)
    }
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

extension CalibEval {
  /// What this run would take: of all files that are gone through the largest blocks, of those that are
  /// compared what is kept of each.
  fileprivate func planned(
    _ inputs: [() throws -> Predictions], _ settings: EvaluationSettings
  ) throws -> RunPlan {
    var plan = RunPlan("measuring")
    var (blocks, kept, other) = (0.0, 0.0, 0.0)
    func add(_ cost: EvaluationCost) -> Double {
      plan.read(cost.read, passes: cost.passes)
      plan.work += cost.seconds
      blocks = max(blocks, cost.blocks)
      return cost.kept
    }
    if let temperatureFrom {
      _ = add(
        try Predictions.open(temperatureFrom, tables.reading).cost(settings, for: .temperature))
    }
    var unlabelled = tables.reading
    unlabelled.needsTargets = false
    if let ood {
      other = add(try Predictions.open(ood, unlabelled).cost(settings, for: .detection))
    } else if let conformal {
      other = add(
        try Predictions.open(conformal, tables.reading).cost(settings, for: .conformalScores))
    } else if let against {
      kept = add(try Predictions.open(against, tables.reading).cost(settings))
    }
    for input in inputs {
      let predictions = try input()
      let cost = predictions.cost(
        settings, for: ood != nil ? .detection : conformal != nil ? .conformalSets : .measures)
      kept = max(kept, add(cost))
      if output != nil, case .classes(let source) = predictions {
        plan.write(source.rescaledSize())
      }
    }
    plan.memory.add(blocks, "blocks of rows")
    plan.memory.add(kept + other, "what is kept of each row")
    return plan
  }
}

/// The files of operands, each of which may be one file or two with a comma between them.
private func files(of operands: [String]) -> [String] {
  operands.isEmpty ? ["-"] : operands.flatMap { [$0] + $0.split(separator: ",").map(String.init) }
}

/// Which predictions are measured, where they are not predictions files.
struct TableOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Probabilities [N, C]: FILE:/PATH in HDF5, FILE.npy or FILE.csv.", valueName: "table"))
  var probabilities: String?

  @Option(help: ArgumentHelp("Their classes [N], or targets [N, D].", valueName: "table"))
  var targets: String?

  @Flag(help: "What --probabilities names are logits, to be put through a softmax.")
  var logits = false

  @Option(help: ArgumentHelp("Predicted means [N, D] of a regression.", valueName: "table"))
  var mean: String?

  @Option(help: ArgumentHelp("Their variances.", valueName: "table"))
  var variance: String?

  @OptionGroup var header: HeaderOptions

  func validate() throws {
    if probabilities != nil && mean != nil {
      throw ValidationError("give --probabilities or --mean, not both")
    }
    if (probabilities != nil || mean != nil) != (targets != nil) {
      throw ValidationError("--probabilities or --mean and --targets go together")
    }
    if variance != nil && mean == nil { throw ValidationError("--variance needs --mean") }
  }

  var reading: Predictions.Reading { Predictions.Reading(logits: logits, header: header.rule) }

  /// What the options name.
  var files: [String?] { [probabilities, targets, mean, variance] }

  /// The tables named by options, if any.
  func open() throws -> Predictions? {
    if let probabilities, let targets {
      return try .tables(probabilities: probabilities, targets: targets, reading)
    }
    if let mean, let targets {
      return try .tables(mean: mean, variance: variance, targets: targets, reading)
    }
    return nil
  }
}

/// What is measured, and how sure it is.
struct MetricOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "More columns: top5, brier, calibration, selective, members, all; several with commas.",
      valueName: "group"))
  var metrics: String?

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

  @Option(
    help: ArgumentHelp(
      "Levels of a regression's central intervals (default: 0.95).", valueName: "levels"))
  var central: String?

  @Option(
    help: ArgumentHelp("Intervals of all metrics from so many resampled sets.", valueName: "n"))
  var bootstrap: Int?

  @Option(help: ArgumentHelp("Level of these intervals.", valueName: "level"))
  var level = 0.95

  @OptionGroup var seed: SeedOptions

  func validate() throws {
    if let bins, !(1...1_000_000).contains(bins) {
      throw ValidationError("--bins must be 1 to 1000000")
    }
    if let clip, !(clip > 0 && clip < 1) {
      throw ValidationError("--clip must lie between 0 and 1")
    }
    if let bootstrap, !(2...100_000).contains(bootstrap) {
      throw ValidationError("--bootstrap must be 2 to 100000")
    }
    if !(level > 0 && level < 1) { throw ValidationError("--level must lie between 0 and 1") }
    _ = try settings(curvePoints: 0)
  }

  func settings(curvePoints: Int) throws -> EvaluationSettings {
    var settings = EvaluationSettings()
    settings.binning = binning
    settings.binCount = bins ?? (binning == .published ? 20 : 15)
    settings.clip = clip
    settings.curvePoints = curvePoints
    settings.bootstrap = bootstrap.map {
      Bootstrap(replicates: $0, level: level, seed: seed.seed)
    }
    for word in (metrics ?? "").split(separator: ",") {
      if word == "all" {
        settings.groups.formUnion(MetricGroup.allCases)
      } else if let group = MetricGroup(rawValue: String(word)) {
        settings.groups.insert(group)
      } else {
        throw ValidationError(
          "--metrics: there is no group '\(word)'; the groups are "
            + MetricGroup.allCases.map(\.rawValue).joined(separator: ", ") + ", all")
      }
    }
    if let central {
      settings.levels = try central.split(separator: ",").map { word in
        guard let level = Double(word), level > 0 && level < 1 else {
          throw ValidationError("--central: '\(word)' is not a level between 0 and 1")
        }
        return level
      }
      if settings.levels.isEmpty || Set(settings.levels).count < settings.levels.count {
        throw ValidationError("--central takes different levels, such as 0.5,0.95")
      }
    }
    return settings
  }
}

extension Binning: ExpressibleByArgument {}
