import Calibration

/// What is to be measured.
public struct EvaluationSettings: Sendable {
  public var binning = Binning.width
  public var binCount = 15
  public var clip: Double?
  public var groups: Set<MetricGroup> = []
  /// Of a regression's central intervals.
  public var levels = [0.95]
  /// Of the curve of risk against coverage.
  public var curvePoints = 0
  public var bootstrap: Bootstrap?

  public init() {}

  var needsOrder: Bool { !groups.isDisjoint(with: [.calibration, .selective]) || curvePoints > 0 }

  /// - Throws: `FileError` where the bins of all classes would fill the memory.
  func meter(for source: ProbabilitySource, firstRow: Int, rows: Int) throws -> ClassificationMeter
  {
    guard binCount <= 1 << 22 / source.classCount else {
      throw source.values.problem(
        "\(source.classCount) classes with \(binCount) bins each need too much memory; "
          + "use at most \(1 << 22 / source.classCount) --bins")
    }
    return meter(source.classCount, firstRow: firstRow, rows: rows)
  }

  func meter(_ classCount: Int, firstRow: Int, rows: Int) -> ClassificationMeter {
    ClassificationMeter(
      classCount: classCount, binning: binning, binCount: binCount, clip: clip,
      kept: bootstrap != nil ? .all : needsOrder ? .confidences : .nothing,
      ranks: groups.contains(.topFive), firstRow: firstRow, rows: rows)
  }
}

/// What was measured of one file.
public struct Evaluation {
  /// For each kind of predictions its own report.
  public enum Report {
    case classes(ClassificationReport)
    case values(RegressionReport)
  }

  public let name: String
  public let report: Report
  /// The number of rows that count: examples, or values of a regression.
  public let count: Int
  public let metrics: [Metric]
  /// For each metric its interval, where there is one.
  public let intervals: [BootstrapInterval?]
  /// For each replicate the metrics; empty without resampling.
  let replicates: [[Double?]]
  let rowCount: Int
  /// Of the targets, to tell whether two files are of the same examples.
  let targetsDigest: UInt64

  init(
    name: String, report: Report, count: Int, rowCount: Int, metrics: [Metric],
    replicates: [[Double?]], bootstrap: Bootstrap?, targetsDigest: UInt64
  ) {
    self.name = name
    self.report = report
    self.count = count
    self.rowCount = rowCount
    self.metrics = metrics
    self.replicates = replicates
    self.targetsDigest = targetsDigest
    intervals = metrics.indices.map { k in
      bootstrap?.interval(metrics[k], replicates.map { $0[k] })
    }
  }
}

extension Predictions {
  /// Measures the file in one pass, and resamples its rows where the settings say so.
  ///
  /// - Parameter each: gets the probabilities of each block in the order of the rows.
  /// - Throws: `FileError` for a row that is no distribution or has no class.
  public func evaluate(
    with settings: EvaluationSettings,
    each: ((Range<Int>, _ probabilities: [Float]) throws -> Void)? = nil
  ) throws -> Evaluation {
    switch self {
    case .classes(let source): try source.evaluate(settings, each)
    case .values(let source): try source.evaluate(settings)
    }
  }
}

extension ProbabilitySource {
  fileprivate func evaluate(
    _ settings: EvaluationSettings, _ each: ((Range<Int>, [Float]) throws -> Void)?
  ) throws -> Evaluation {
    let classCount = classCount
    var total = try settings.meter(for: self, firstRow: 0, rows: rowCount)
    var groups = settings.bootstrap.flatMap { _ in
      ClassGroups(classCount: classCount, binCount: settings.binCount, rows: rowCount)
    }
    var digest: UInt64 = 0
    try forEachBlock(
      withMembers: settings.groups.contains(.members),
      measure: { block throws(InvalidRow) in
        var meter = settings.meter(
          classCount, firstRow: block.rows.lowerBound, rows: block.rows.count)
        try meter.add(block)
        return meter
      },
      combine: { block, part in
        total.merge(part)
        groups?.add(block)
        for label in block.classes { mix(UInt64(bitPattern: Int64(label)), into: &digest) }
        if let each {
          try each(
            block.rows, block.doubles.isEmpty ? block.floats : block.doubles.map { Float($0) })
        }
      })
    let report = total.report(curvePoints: settings.curvePoints)!
    var replicates: [[Double?]] = []
    if let bootstrap = settings.bootstrap, var resampler = total.resampler {
      resampler.includesOrdered = settings.needsOrder
      let fixed = resampler
      let drawnApart = groups.map { $0.groupCount < rowCount ? $0.groupCount : 0 } ?? 0
      replicates = bootstrap.replicate(rows: rowCount, others: drawnApart) {
        [groups] counts, others in
        var report = fixed.report(counts)
        if let groups { report.addClasses(groups, drawnApart > 0 ? others : counts) }
        return report.metrics(settings.groups).map(\.value)
      }
    }
    return Evaluation(
      name: name, report: .classes(report), count: report.count, rowCount: rowCount,
      metrics: report.metrics(settings.groups), replicates: replicates,
      bootstrap: settings.bootstrap, targetsDigest: digest)
  }
}

extension ClassificationMeter {
  fileprivate mutating func add(_ block: ProbabilityBlock) throws(InvalidRow) {
    let (floats, doubles) = (block.floats, block.doubles)
    let (classes, entropies, losses) = (block.classes, block.memberEntropies, block.losses)
    if doubles.isEmpty {
      try add(
        probabilities: floats.span, classes: classes.span, memberEntropies: entropies.span)
    } else {
      try add(
        probabilities: doubles.span, classes: classes.span, memberEntropies: entropies.span,
        losses: losses.span)
    }
  }
}

extension ClassGroups {
  fileprivate mutating func add(_ block: ProbabilityBlock) {
    let (floats, doubles, classes) = (block.floats, block.doubles, block.classes)
    if doubles.isEmpty {
      add(firstRow: block.rows.lowerBound, probabilities: floats.span, classes: classes.span)
    } else {
      add(firstRow: block.rows.lowerBound, probabilities: doubles.span, classes: classes.span)
    }
  }
}

extension ValueSource {
  fileprivate func evaluate(_ settings: EvaluationSettings) throws -> Evaluation {
    var meter = RegressionMeter(
      outputs: outputs, levels: settings.levels, keepsRows: settings.bootstrap != nil)
    var digest: UInt64 = 0
    try forEachBlock { block throws(InvalidRow) in
      try meter.add(
        means: block.means.span, variances: block.variances.span, targets: block.targets.span,
        memberMeans: block.memberMeans.span, memberVariances: block.memberVariances.span)
      for value in block.targets { mix(value.bitPattern, into: &digest) }
    }
    let report = meter.report()!
    var replicates: [[Double?]] = []
    if let bootstrap = settings.bootstrap, let resampler = meter.resampler {
      replicates = bootstrap.replicate(rows: rowCount) { counts in
        resampler.report(counts).metrics(levels: settings.levels).map(\.value)
      }
    }
    return Evaluation(
      name: name, report: .values(report), count: report.count, rowCount: rowCount,
      metrics: report.metrics(levels: settings.levels), replicates: replicates,
      bootstrap: settings.bootstrap, targetsDigest: digest)
  }
}

/// Stirs a number into a digest that depends on the order.
private func mix(_ value: UInt64, into digest: inout UInt64) {
  digest = (digest ^ value) &* 0x9E37_79B9_7F4A_7C15
  digest ^= digest >> 32
}
