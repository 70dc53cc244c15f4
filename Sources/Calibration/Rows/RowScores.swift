/// What is kept of every row for metrics that need an order of the rows, or resampling.
struct RowScores: Sendable {
  private(set) var confidences: [Double] = []
  private(set) var corrects: [Bool] = []

  var count: Int { confidences.count }

  mutating func add(confidence: Double, correct: Bool) {
    confidences.append(confidence)
    corrects.append(correct)
  }

  mutating func reserve(_ rows: Int) {
    confidences.reserveCapacity(rows)
    corrects.reserveCapacity(rows)
  }

  mutating func merge(_ other: RowScores) {
    confidences += other.confidences
    corrects += other.corrects
  }
}

/// Bins of rows in the order of their confidence; rows count as often as `counts` says, once where
/// it is empty.
struct OrderedRows {
  let rows: RowScores
  let order: ConfidenceOrder
  /// How many rows there are in all, repetitions counted.
  private func total(_ counts: Span<UInt8>) -> Int {
    guard !counts.isEmpty else { return rows.count }
    var total = 0
    for i in 0..<counts.count { total += Int(counts[i]) }
    return total
  }

  /// B bins of N/B rows each, those that hold none left out; rows of equal confidence count with
  /// their mean accuracy.
  func equalMass(bins binCount: Int, counts: Span<UInt8>) -> [ReliabilityBin] {
    let total = total(counts)
    var result: [ReliabilityBin] = []
    var bin = OpenBin()
    var number = 0
    // Bin number b ends before row ⌊(b + 1) N / B⌋.
    var end = total / binCount
    var start = 0
    order.forEachGroup(of: rows, counts: counts) { group in
      var left = group.count
      while left > 0 {
        while start + group.count - left == end {
          bin.close(into: &result)
          number += 1
          end = (number + 1) * total / binCount
        }
        let part = min(left, end - (start + group.count - left))
        bin.add(
          group.confidence, count: part,
          correct: Double(group.correct) * Double(part) / Double(group.count))
        left -= part
      }
      start += group.count
    }
    bin.close(into: &result)
    return result
  }

  /// The published adaptive bins; `Binning.published` says which.
  func published(bins binCount: Int, counts: Span<UInt8>) -> [ReliabilityBin] {
    let total = total(counts)
    guard total > 0 else { return [] }
    let step = (total + binCount - 1) / binCount
    var edges: [Double] = []
    var seen = 0
    var last = 0.0
    order.forEachGroup(of: rows, counts: counts) { group in
      while edges.count * step < seen + group.count { edges.append(group.confidence) }
      seen += group.count
      last = group.confidence
    }
    if total % step != 1 { edges.append(last) }
    var result: [ReliabilityBin] = []
    var bin = OpenBin()
    var edge = 0
    order.forEachGroup(of: rows, counts: counts) { group in
      // The interval that the group is in: the last whose lower edge lies below it.
      var next = edge
      while next + 1 < edges.count && edges[next + 1] <= group.confidence { next += 1 }
      if next != edge {
        bin.close(into: &result)
        edge = next
      }
      guard edge + 1 < edges.count, group.confidence > edges[edge] else { return }
      bin.add(group.confidence, count: group.count, correct: Double(group.correct))
      bin.bounds = (edges[edge], edges[edge + 1])
    }
    bin.close(into: &result)
    return result
  }

  /// A bin that is being filled with ascending confidences.
  private struct OpenBin {
    /// The bin's bounds where they are not the least and the largest confidence in it.
    var bounds: (Double, Double)?
    private var lower = 0.0
    private var upper = 0.0
    private var count = 0
    private var confidence = 0.0
    private var correct = 0.0

    mutating func add(_ value: Double, count added: Int, correct: Double) {
      if count == 0 { lower = value }
      upper = value
      count += added
      confidence += value * Double(added)
      self.correct += correct
    }

    /// Appends the bin unless it is empty, and empties it.
    mutating func close(into bins: inout [ReliabilityBin]) {
      if count > 0 {
        bins.append(
          ReliabilityBin(
            lower: bounds?.0 ?? lower, upper: bounds?.1 ?? upper, count: Double(count),
            confidence: confidence, correct: correct))
      }
      self = OpenBin()
    }
  }
}
