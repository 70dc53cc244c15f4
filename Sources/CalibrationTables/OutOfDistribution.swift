import Calibration

/// By what rows are told out of a distribution from rows in it; the larger, the more likely out.
public enum OutsideScore: String, Sendable, CaseIterable {
  /// 1 − max p.
  case confidence
  case entropy
  /// The entropy less the mean of the members' entropies.
  case mutualInformation = "mutual_information"
}

/// How well the rows of two files are told apart by one score.
public struct OutsideDetection {
  public let score: OutsideScore
  public let metrics: [Metric]
  /// For each metric its interval, where rows were resampled.
  public let intervals: [BootstrapInterval?]
  /// Of the entropies' histograms, in nats; nil for other scores.
  public let symmetricDivergence: Double?
}

/// The scores of one file's rows.
public struct OutsideScores {
  public let name: String
  public let rowCount: Int
  public private(set) var values: [OutsideScore: [Double]] = [:]

  /// Goes through the rows once; their classes are not looked at. Memory: 8 bytes a row and score.
  public init(_ source: ProbabilitySource) throws {
    name = source.name
    rowCount = source.rowCount
    let hasMembers = source.memberCount > 0 && source.inverseTemperature == nil
    var (confidences, entropies, information): ([Double], [Double], [Double]) = ([], [], [])
    let classCount = source.classCount
    try source.forEachBlock(
      withClasses: false, withMembers: hasMembers,
      measure: { block throws(InvalidRow) in
        let p = block.widened
        try checkDistributions(p.span, classCount: classCount, firstRow: block.rows.lowerBound)
        return outsideScores(p.span, classCount: classCount)
      },
      combine: { block, part in
        confidences += part.confidences
        entropies += part.entropies
        if hasMembers {
          information += zip(part.entropies, block.memberEntropies).map { $0 - $1 }
        }
      })
    values[.confidence] = confidences
    values[.entropy] = entropies
    if hasMembers { values[.mutualInformation] = information }
  }

  /// How many entropies lie in each bin of the published histogram.
  public var entropyHistogram: EntropyHistogram { EntropyHistogram(values[.entropy]!) }

  /// Tells these rows, which are in the distribution, from those outside, by every score that both
  /// have.
  public func detect(_ outside: OutsideScores, bootstrap: Bootstrap?) -> [OutsideDetection] {
    OutsideScore.allCases.compactMap { score in
      guard let inner = values[score], let outer = outside.values[score] else { return nil }
      let scores = SeparationScores(inside: inner, outside: outer)
      let separation = scores.measure()
      let replicates = bootstrap?.replicate(rows: inner.count, others: outer.count) {
        scores.measure(insideCounts: $0, outsideCounts: $1).metrics.map(\.value)
      }
      return OutsideDetection(
        score: score, metrics: separation.metrics,
        intervals: separation.metrics.indices.map { k in
          bootstrap?.interval(separation.metrics[k], replicates!.map { $0[k] })
        },
        symmetricDivergence: score == .entropy
          ? entropyHistogram.symmetricDivergence(from: outside.entropyHistogram) : nil)
    }
  }
}

extension Separation {
  /// In the order of the table.
  fileprivate var metrics: [Metric] {
    [
      Metric("auroc", areaUnderROC), Metric("aupr_out", areaUnderPrecisionOutside),
      Metric("aupr_in", areaUnderPrecisionInside), Metric("fpr95", falsePositiveRateAt95),
    ]
  }
}
