import Glibc

/// Replaces each row of logits z by its softmax exp(zⱼ − max z) / Σ exp(z − max z).
///
/// - Parameters:
///   - rows: [n, C] row-major.
///   - firstRow: the number of the first row, for the error.
/// - Throws: `InvalidRow` where a logit is NaN or +∞, or all are −∞.
public func softmax(
  _ rows: inout MutableSpan<Double>, classCount: Int, firstRow: Int = 0
) throws(InvalidRow) {
  precondition(classCount > 0 && rows.count % classCount == 0, "logits are not whole rows")
  for row in 0..<rows.count / classCount {
    let range = row * classCount..<(row + 1) * classCount
    var largest = -Double.infinity
    var isNumber = true
    for j in range {
      largest = max(largest, rows[j])
      isNumber = isNumber && !rows[j].isNaN
    }
    guard isNumber && largest.isFinite else {
      throw InvalidRow(row: firstRow + row, problem: "a logit is not finite")
    }
    var sum = 0.0
    for j in range {
      rows[j] = exp(rows[j] - largest)
      sum += rows[j]
    }
    for j in range { rows[j] /= sum }
  }
}
