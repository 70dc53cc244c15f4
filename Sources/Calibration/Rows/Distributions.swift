import Glibc

/// Adds −Σⱼ pⱼ ln pⱼ in nats of every row of `probabilities` [n, C] to `entropies` [n].
///
/// - Parameter firstRow: the number of the first row, for errors.
/// - Throws: `InvalidRow` where a row is no distribution, as `ClassificationMeter` judges it.
public func addEntropies(
  of probabilities: Span<Float>, classCount: Int, firstRow: Int = 0,
  to entropies: inout MutableSpan<Double>
) throws(InvalidRow) {
  precondition(probabilities.count == entropies.count * classCount, "rows differ in number")
  for i in 0..<entropies.count {
    var row = RowSummary()
    for j in i * classCount..<(i + 1) * classCount {
      row.add(Double(probabilities[j]))
    }
    guard row.isDistribution else { throw InvalidRow(row: firstRow + i, summary: row) }
    entropies[i] += row.entropy
  }
}

/// - Throws: `InvalidRow` for the first row of `probabilities` [n, C] that is no distribution, as
///   `ClassificationMeter` judges it.
public func checkDistributions(
  _ probabilities: Span<Double>, classCount: Int, firstRow: Int = 0
) throws(InvalidRow) {
  for i in 0..<probabilities.count / classCount {
    var row = RowSummary()
    for j in i * classCount..<(i + 1) * classCount {
      let p = probabilities[j]
      row.sum += p
      row.largest = max(row.largest, p)
      row.smallest = min(row.smallest, p)
    }
    guard row.isDistribution else { throw InvalidRow(row: firstRow + i, summary: row) }
  }
}

/// Replaces each p by ln max(p, floor).
public func logarithms(_ probabilities: inout MutableSpan<Double>, floor: Double) {
  for i in 0..<probabilities.count { probabilities[i] = log(max(probabilities[i], floor)) }
}

/// For every row of `probabilities` [n, C] 1 − max p and the entropy in nats: scores by which rows out
/// of the distribution are told from those in it.
public func outsideScores(
  _ probabilities: Span<Double>, classCount: Int
) -> (confidences: [Double], entropies: [Double]) {
  let count = probabilities.count / classCount
  var confidences = [Double](repeating: 0, count: count)
  var entropies = confidences
  for i in 0..<count {
    var row = RowSummary()
    for j in i * classCount..<(i + 1) * classCount { row.add(probabilities[j]) }
    confidences[i] = 1 - row.largest
    entropies[i] = row.entropy
  }
  return (confidences, entropies)
}
