import Calibration
import Files

/// Metrics that are printed only when they are asked for.
public enum MetricGroup: String, Sendable, CaseIterable {
  case topFive = "top5"
  case brier
  case calibration
  case selective
  case members
}

/// A number with the name of its column, which carries its unit.
public struct Metric: Sendable, Equatable {
  public var column: String
  public var value: Double?
  /// Whether it is larger of few rows than of many, as sums of magnitudes and squares of means are.
  public var isRaisedByChance: Bool

  init(_ column: String, _ value: Double?, raisedByChance: Bool = false) {
    self.column = column
    self.value = value
    isRaisedByChance = raisedByChance
  }
}

extension ClassificationReport {
  /// In the order of the table.
  func metrics(_ groups: Set<MetricGroup>) -> [Metric] {
    var metrics = [
      Metric("accuracy", accuracy), Metric("nll_nats", negativeLogLikelihood),
      Metric("brier", brierScore),
      Metric("ece", expectedCalibrationError, raisedByChance: true),
      Metric("mce", maximumCalibrationError, raisedByChance: true),
      Metric("classwise_ece", classwiseCalibrationError, raisedByChance: true),
      Metric("confidence", meanConfidence), Metric("entropy_nats", meanEntropy),
    ]
    if groups.contains(.topFive) { metrics.append(Metric("top5_accuracy", topFiveAccuracy)) }
    if groups.contains(.brier) {
      metrics += [
        Metric("brier_reliability", brierParts?.reliability, raisedByChance: true),
        Metric("brier_resolution", brierParts?.resolution, raisedByChance: true),
        Metric("brier_uncertainty", brierParts?.uncertainty),
      ]
    }
    if groups.contains(.calibration) {
      metrics += [
        Metric("ece_mass", equalMassCalibrationError, raisedByChance: true),
        Metric("ece_debiased", debiasedCalibrationError),
        Metric("rmsce_debiased", debiasedRootMeanSquaredError),
      ]
    }
    if groups.contains(.selective) {
      metrics += [Metric("aurc", selectiveRisk?.area), Metric("eaurc", selectiveRisk?.excess)]
    }
    if groups.contains(.members) {
      metrics += [
        Metric("aleatoric_nats", meanMemberEntropy),
        Metric("mutual_information_nats", mutualInformation),
      ]
    }
    return metrics
  }
}

extension RegressionReport {
  /// In the order of the table.
  func metrics(levels: [Double]) -> [Metric] {
    var metrics = [
      Metric("rmse", rootMeanSquaredError), Metric("mae", meanAbsoluteError),
      Metric("log_likelihood_nats", logLikelihood), Metric("crps", rankedProbabilityScore),
      Metric("quantile_error", quantileError, raisedByChance: true), Metric("sharpness", sharpness),
    ]
    for (i, level) in levels.enumerated() {
      let name = percent(level)
      let interval = intervals.isEmpty ? nil : intervals[i]
      metrics += [
        Metric("coverage_\(name)", interval?.coverage), Metric("width_\(name)", interval?.width),
        Metric("interval_score_\(name)", interval?.score),
      ]
    }
    metrics += [
      Metric("mixture_log_likelihood_nats", mixtureLogLikelihood),
      Metric("mixture_crps", mixtureRankedProbabilityScore),
    ]
    return metrics
  }
}

/// 0.95 as "95", 0.995 as "99.5".
func percent(_ level: Double) -> String { (level * 100).significant(6) }
