/// The rows whose confidence falls into one interval.
public struct ReliabilityBin: Sendable, Equatable {
  /// The interval (lower, upper] of equal-width bins; the least and the largest confidence in a
  /// bin of equal mass; the open interval (lower, upper) of the published bins.
  public var lower: Double
  public var upper: Double
  /// The number of rows; a whole number, except in bins of equal mass that share rows of one
  /// confidence.
  public var count: Double
  /// Of the rows; nil where there are none.
  public var meanConfidence: Double?
  public var accuracy: Double?

  init(lower: Double, upper: Double, count: Double, confidence: Double, correct: Double) {
    self.lower = lower
    self.upper = upper
    self.count = count
    meanConfidence = count > 0 ? confidence / count : nil
    accuracy = count > 0 ? correct / count : nil
  }

  /// Accuracy − confidence: negative where the predictions are over-confident.
  public var gap: Double? {
    guard let meanConfidence, let accuracy else { return nil }
    return accuracy - meanConfidence
  }
}

/// How the rows are divided by confidence.
public enum Binning: String, Sendable, CaseIterable {
  /// Intervals (k/B, (k+1)/B] (Naeini et al. 2015; Guo et al. 2017); a confidence of 0 belongs to
  /// the first.
  case width
  /// Equally many rows in each (Nguyen & O'Connor 2015). Rows of one confidence are alike: where
  /// they lie on both sides of a boundary each bin gets their mean accuracy, so the result does
  /// not depend on the order of the rows.
  case mass
  /// The adaptive bins of the published reliability curves (Maddox et al. 2019): every ⌈N/B⌉-th
  /// sorted confidence and the largest are edges, and a bin holds what lies strictly between two
  /// edges. Rows on an edge, such as all saturated at 1, count nowhere, which flatters
  /// over-confident networks; for comparison with published figures only.
  case published
}
