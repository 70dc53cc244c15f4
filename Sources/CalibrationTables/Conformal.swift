import Calibration

/// Prediction sets, or intervals of a regression, that hold the truth with a given probability:
/// measured on some rows after being fitted on others.
public struct ConformalReport {
  public let name: String
  public let rowCount: Int
  public let calibrationCount: Int
  public let level: Double
  /// Of the probability that puts a class into the set; the factor of the deviation in a regression.
  public let threshold: Double
  public let coverage: Double
  /// Classes in a set, or the width of an interval in the targets' unit.
  public let meanSize: Double
  /// The share of empty sets; nil for a regression.
  public let emptyShare: Double?
}

extension Predictions {
  /// The scores of the rows, from which `conformal(calibration:level:)` takes its threshold. Memory: 8
  /// bytes a row.
  public func conformalScores() throws -> [Double] {
    var scores: [Double] = []
    switch self {
    case .classes(let source):
      let classCount = source.classCount
      try source.forEachBlock(
        measure: { block throws(InvalidRow) in
          let p = block.widened
          try checkDistributions(p.span, classCount: classCount, firstRow: block.rows.lowerBound)
          return ownProbabilities(p.span, classes: block.classes)
        }, combine: { scores += $1 })
    case .values(let source):
      guard source.variances != nil else {
        throw source.means.problem("has no variances; conformal intervals need them")
      }
      try source.forEachBlock { block throws(InvalidRow) in
        scores += try standardizedErrors(
          means: block.means, variances: block.variances, targets: block.targets,
          firstRow: scores.count)
      }
    }
    return scores
  }

  /// Judges sets of that level on these rows.
  public func conformal(calibration scores: [Double], level: Double) throws -> ConformalReport {
    switch self {
    case .classes(let source):
      let fitted = ConformalSets(calibration: scores, level: level)
      var sets = fitted
      let classCount = source.classCount
      try source.forEachBlock(
        measure: { block throws(InvalidRow) in
          let (p, classes) = (block.widened, block.classes)
          try checkDistributions(p.span, classCount: classCount, firstRow: block.rows.lowerBound)
          var part = fitted
          part.add(probabilities: p.span, classes: classes.span, classCount: classCount)
          return part
        }, combine: { sets.merge($1) })
      return ConformalReport(
        name: name, rowCount: sets.count, calibrationCount: sets.calibrationCount, level: level,
        threshold: sets.threshold, coverage: sets.coverage, meanSize: sets.meanSize,
        emptyShare: sets.emptyShare)
    case .values(let source):
      let factor = conformalFactor(calibration: scores, level: level)
      var (covered, count, width) = (0, 0, 0.0)
      guard source.variances != nil else {
        throw source.means.problem("has no variances; conformal intervals need them")
      }
      try source.forEachBlock { block throws(InvalidRow) in
        let errors = try standardizedErrors(
          means: block.means, variances: block.variances, targets: block.targets, firstRow: count)
        covered += errors.count { $0 <= factor }
        count += errors.count
        width += meanDeviation(block.variances) * Double(errors.count) * 2 * factor
      }
      return ConformalReport(
        name: name, rowCount: count, calibrationCount: scores.count, level: level,
        threshold: factor, coverage: Double(covered) / Double(count),
        meanSize: width / Double(count), emptyShare: nil)
    }
  }
}
