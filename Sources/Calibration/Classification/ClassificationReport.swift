/// What `ClassificationMeter` measures. What was not asked for, or cannot be said, is nil.
public struct ClassificationReport: Sendable, Equatable {
  public var count: Int
  public var accuracy: Double
  /// How often the class is among the five largest probabilities.
  public var topFiveAccuracy: Double
  /// In nats; infinite where a row gives its own class no probability.
  public var negativeLogLikelihood: Double
  /// The number of such rows.
  public var infiniteCount: Int
  public var brierScore: Double
  public var expectedCalibrationError: Double
  public var maximumCalibrationError: Double
  public var meanConfidence: Double
  public var meanEntropy: Double
  /// The reliability table.
  public var bins: [ReliabilityBin]

  /// Over bins of equal width, whatever the binning; nil for resampled rows.
  public var classwiseCalibrationError: Double?
  /// The same.
  public var brierParts: BrierParts?
  /// The mean of the members' entropies, in nats, where they were given: the aleatoric part of the
  /// entropy. What is left of it, the mutual information, is the epistemic part.
  public var meanMemberEntropy: Double?
  public var equalMassCalibrationError: Double?
  public var selectiveRisk: SelectiveRisk?

  public var debiasedCalibrationError: Double { bins.debiasedExpectedError(of: count) }
  public var debiasedRootMeanSquaredError: Double {
    bins.debiasedRootMeanSquaredError(of: count)
  }
  public var mutualInformation: Double? { meanMemberEntropy.map { meanEntropy - $0 } }

  init(count: Int, infiniteCount: Int, bins: [ReliabilityBin], means: [Double]) {
    self.count = count
    self.infiniteCount = infiniteCount
    self.bins = bins
    accuracy = means[RowColumn.accuracy.rawValue]
    topFiveAccuracy = means[RowColumn.topFive.rawValue]
    negativeLogLikelihood = means[RowColumn.loss.rawValue]
    brierScore = means[RowColumn.brier.rawValue]
    meanConfidence = means[RowColumn.confidence.rawValue]
    meanEntropy = means[RowColumn.entropy.rawValue]
    if means.count > RowColumn.memberEntropy.rawValue {
      meanMemberEntropy = means[RowColumn.memberEntropy.rawValue]
    }
    expectedCalibrationError = bins.expectedError(of: count)
    maximumCalibrationError = bins.maximumError
  }
}

/// The metrics that are means over rows, in the order of the columns kept of each row.
enum RowColumn: Int, CaseIterable {
  case accuracy, topFive, loss, brier, confidence, entropy, memberEntropy
}
