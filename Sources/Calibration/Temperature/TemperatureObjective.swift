import Glibc

/// The mean negative log-likelihood of logits z divided by a temperature T (Guo et al. 2017), as a
/// function of β = 1/T, in which it is convex, with its first two derivatives:
///
///     L = mean [ln Σ exp(β zⱼ) − β z_y],  L′ = mean [E z − z_y],  L″ = mean Var z,
///
/// E and Var under the softmax of β z. Sums in Double over blocks of rows.
public struct TemperatureObjective: Sendable {
  public let inverseTemperature: Double
  public private(set) var count = 0
  private var loss = 0.0
  private var slope = 0.0
  private var curvature = 0.0
  private var spreads = 0.0

  public init(inverseTemperature: Double) { self.inverseTemperature = inverseTemperature }

  public var value: Double { loss / Double(count) }
  public var derivative: Double { slope / Double(count) }
  public var secondDerivative: Double { curvature / Double(count) }
  /// The mean over rows of how far the largest logit lies above the smallest finite one: the scale of
  /// the logits.
  public var spread: Double { spreads / Double(count) }

  /// Adds rows of logits [n, C], −∞ where a class is ruled out, and their classes [n].
  ///
  /// - Throws: `InvalidRow` where a logit is NaN or +∞, all are −∞, that of the class is, or a class is
  ///   not in 0..<C.
  public mutating func add(
    logits: Span<Double>, classes: Span<Int32>, firstRow: Int = 0
  ) throws(InvalidRow) {
    guard !classes.isEmpty else { return }
    let classCount = logits.count / classes.count
    precondition(classCount * classes.count == logits.count, "logits are not whole rows")
    for i in 0..<classes.count {
      let y = Int(classes[i])
      guard y >= 0 && y < classCount else {
        throw InvalidRow(row: firstRow + i, problem: "class \(y) is not one of 0…\(classCount - 1)")
      }
      let start = i * classCount
      var largest = -Double.infinity
      for j in start..<start + classCount { largest = max(largest, logits[j]) }
      var (sum, first, second, lowest) = (0.0, 0.0, 0.0, 0.0)
      for j in start..<start + classCount {
        // Logits relative to the largest: what is far below has no weight and no share.
        let d = logits[j] - largest
        if d == -.infinity { continue }
        let weight = exp(inverseTemperature * d)
        sum += weight
        first += weight * d
        second += weight * d * d
        lowest = min(lowest, d)
      }
      guard largest.isFinite && sum.isFinite else {
        throw InvalidRow(row: firstRow + i, problem: "a logit is not finite")
      }
      guard second.isFinite else {
        throw InvalidRow(row: firstRow + i, problem: "its logits are too large for a temperature")
      }
      let own = logits[start + y] - largest
      guard own.isFinite else {
        throw InvalidRow(
          row: firstRow + i,
          problem: "the logit of its class \(y) is −∞: the likelihood is 0 at any temperature")
      }
      spreads -= lowest
      let mean = first / sum
      loss += log(sum) - inverseTemperature * own
      slope += mean - own
      curvature += max(0, second / sum - mean * mean)
    }
    count += classes.count
  }

  /// Adds what another objective of the same temperature has of other rows.
  public mutating func merge(_ other: TemperatureObjective) {
    precondition(other.inverseTemperature == inverseTemperature, "the temperatures differ")
    count += other.count
    loss += other.loss
    slope += other.slope
    curvature += other.curvature
    spreads += other.spreads
  }
}

/// Replaces each row of probabilities p [n, C] by its rescaled p^β / Σ p^β, where β = 1/T.
///
/// A zero stays zero. Rows are taken as they are; whether they are distributions is for a meter to
/// judge, except that a negative number becomes NaN.
public func rescale(
  _ rows: inout MutableSpan<Double>, classCount: Int, inverseTemperature: Double
) {
  precondition(classCount > 0 && rows.count % classCount == 0, "not whole rows")
  for row in 0..<rows.count / classCount {
    let range = row * classCount..<(row + 1) * classCount
    var largest = 0.0
    for j in range { largest = max(largest, rows[j]) }
    guard largest > 0 else { continue }
    var sum = 0.0
    for j in range {
      // Relative to the largest, so that no power of all of them vanishes.
      rows[j] = rows[j] == 0 ? 0 : exp(inverseTemperature * log(rows[j] / largest))
      sum += rows[j]
    }
    for j in range { rows[j] /= sum }
  }
}
