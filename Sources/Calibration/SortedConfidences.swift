/// Every row's confidence and whether it was right, for bins that need an order. Memory: 8 bytes a
/// row; sorting costs O(N log N).
struct SortedConfidences {
  /// The bits of a confidence in [0, 2), which sort like the number, and the answer in the last.
  private var keys: [UInt64] = []

  mutating func add(confidence: Double, correct: Bool) {
    keys.append(confidence.bitPattern << 1 | (correct ? 1 : 0))
  }

  mutating func merge(_ other: SortedConfidences) { keys += other.keys }

  private static func confidence(_ key: UInt64) -> Double { Double(bitPattern: key >> 1) }

  /// B bins of N/B rows each, those that hold none left out; rows of equal confidence count with
  /// their mean accuracy.
  func equalMass(bins binCount: Int) -> [ReliabilityBin] {
    let sorted = keys.sorted()
    let total = sorted.count
    var result: [ReliabilityBin] = []
    var bin = OpenBin()
    var number = 0
    // Bin number b ends before row ⌊(b + 1) N / B⌋.
    var end = total / binCount
    var start = 0
    while start < total {
      let group = Self.group(sorted, from: start)
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
  func published(bins binCount: Int) -> [ReliabilityBin] {
    let sorted = keys.sorted()
    guard let last = sorted.last else { return [] }
    let step = (sorted.count + binCount - 1) / binCount
    var edges = stride(from: 0, to: sorted.count, by: step).map { Self.confidence(sorted[$0]) }
    if sorted.count % step != 1 { edges.append(Self.confidence(last)) }
    var result: [ReliabilityBin] = []
    var row = 0
    for (lower, upper) in zip(edges, edges.dropFirst()) {
      var bin = OpenBin()
      while row < sorted.count, Self.confidence(sorted[row]) <= lower { row += 1 }
      while row < sorted.count, Self.confidence(sorted[row]) < upper {
        bin.add(
          Self.confidence(sorted[row]), count: 1, correct: Double(sorted[row] & 1))
        row += 1
      }
      bin.lower = lower
      bin.upper = upper
      bin.close(into: &result)
    }
    return result
  }

  /// The rows from `start` that share its confidence.
  private static func group(
    _ sorted: [UInt64], from start: Int
  ) -> (confidence: Double, count: Int, correct: Int) {
    var end = start
    var correct = 0
    while end < sorted.count, sorted[end] >> 1 == sorted[start] >> 1 {
      correct += Int(sorted[end] & 1)
      end += 1
    }
    return (confidence(sorted[start]), end - start, correct)
  }

  /// A bin that is being filled with ascending confidences.
  private struct OpenBin {
    var lower = 0.0
    var upper = 0.0
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
            lower: lower, upper: upper, count: Double(count), confidence: confidence,
            correct: correct))
      }
      self = OpenBin()
    }
  }
}
