import Glibc

/// Metrics of predicted means and variances of a regression, in one pass over blocks of values.
///
/// All are means over the N · D target values, in the targets' own units:
/// - root mean squared error √(mean (y − m)²), mean absolute error
/// - log-likelihood: ln N(y; m, v) = −½ (ln 2πv + (y − m)²/v), in nats
public struct RegressionMeter: Sendable {
  public private(set) var count = 0
  private var squares = 0.0
  private var absolutes = 0.0
  private var logLikelihood = 0.0
  private var zeroVariances = 0

  public init() {}

  /// Adds values; all spans have one length. Without variances (an empty span) there is no
  /// log-likelihood.
  ///
  /// - Throws: `InvalidRow`, whose row counts values, where one is not finite or a variance is
  ///   negative.
  public mutating func add(
    means: Span<Double>, variances: Span<Double>, targets: Span<Double>
  ) throws(InvalidRow) {
    precondition(means.count == targets.count, "means and targets differ in number")
    precondition(
      variances.count == means.count || variances.isEmpty, "variances differ in number")
    for i in 0..<means.count {
      let error = targets[i] - means[i]
      guard error.isFinite else {
        throw InvalidRow(row: count, problem: "mean \(means[i]), target \(targets[i])")
      }
      squares += error * error
      absolutes += abs(error)
      count += 1
      let variance = variances.isEmpty ? 0 : variances[i]
      guard variance >= 0, variance.isFinite else {
        throw InvalidRow(row: count - 1, problem: "\(variance) is not a variance")
      }
      if variance == 0 {
        zeroVariances += 1
      } else {
        logLikelihood -= 0.5 * (log(2 * .pi * variance) + error * error / variance)
      }
    }
  }

  /// The metrics of the values so far; nil while there are none.
  public func report() -> RegressionReport? {
    guard count > 0 else { return nil }
    let total = Double(count)
    return RegressionReport(
      count: count, rootMeanSquaredError: (squares / total).squareRoot(),
      meanAbsoluteError: absolutes / total,
      logLikelihood: zeroVariances > 0 ? nil : logLikelihood / total)
  }
}

/// What `RegressionMeter` measures.
public struct RegressionReport: Sendable, Equatable {
  public var count: Int
  public var rootMeanSquaredError: Double
  public var meanAbsoluteError: Double
  /// In nats; nil where a variance is absent or 0.
  public var logLikelihood: Double?
}
