import Glibc

/// Replaces each row of logits z by its softmax exp(zⱼ − max z) / Σ exp(z − max z).
///
/// - Parameters:
///   - rows: [n, C] row-major.
///   - firstRow: the number of the first row, for the error.
///   - classes: [n], for `losses`; empty for none. A class that is not in 0..<C has the loss +∞.
///   - losses: [n] gets ln Σ exp z − z_y of each row's class y: −ln p_y, but finite wherever z_y is.
/// - Throws: `InvalidRow` where a logit is NaN or +∞, or all are −∞.
public func softmax(
  _ rows: inout MutableSpan<Double>, classCount: Int, firstRow: Int = 0, classes: Span<Int32>,
  losses: inout MutableSpan<Double>
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
    let y = classes.isEmpty ? -1 : Int(classes[row])
    let own = y >= 0 && y < classCount ? rows[range.lowerBound + y] : -.infinity
    var sum = 0.0
    for j in range {
      rows[j] = exp(rows[j] - largest)
      sum += rows[j]
    }
    if !classes.isEmpty { losses[row] = log(sum) - (own - largest) }
    for j in range { rows[j] /= sum }
  }
}

/// The softmax of each row alone.
public func softmax(
  _ rows: inout MutableSpan<Double>, classCount: Int, firstRow: Int = 0
) throws(InvalidRow) {
  var none: [Double] = []
  var losses = none.mutableSpan
  try softmax(
    &rows, classCount: classCount, firstRow: firstRow, classes: Span<Int32>(), losses: &losses)
}
