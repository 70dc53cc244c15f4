/// Sums per interval (k/B, (k+1)/B]. Memory: O(B).
struct EqualWidthBins: Sendable {
  private var counts: [Int]
  private var confidences: [Double]
  private var corrects: [Int]

  init(count: Int) {
    precondition(count > 0, "at least one bin")
    counts = Array(repeating: 0, count: count)
    confidences = Array(repeating: 0, count: count)
    corrects = Array(repeating: 0, count: count)
  }

  /// Adds `count` rows of one confidence.
  mutating func add(confidence: Double, correct: Bool, count: Int = 1) {
    let bin = Self.index(of: confidence, count: counts.count)
    counts[bin] += count
    confidences[bin] += confidence * Double(count)
    corrects[bin] += correct ? count : 0
  }

  mutating func merge(_ other: EqualWidthBins) {
    for bin in counts.indices {
      counts[bin] += other.counts[bin]
      confidences[bin] += other.confidences[bin]
      corrects[bin] += other.corrects[bin]
    }
  }

  /// k with k/B < confidence ≤ (k+1)/B, decided by the edges as Doubles; what is out of range
  /// belongs to the first or the last.
  static func index(of confidence: Double, count: Int) -> Int {
    let width = Double(count)
    var bin = min(max(Int(confidence * width), 0), count - 1)
    if bin > 0 && confidence <= Double(bin) / width { bin -= 1 }
    if bin < count - 1 && confidence > Double(bin + 1) / width { bin += 1 }
    return bin
  }

  var bins: [ReliabilityBin] {
    let width = Double(counts.count)
    return counts.indices.map { bin in
      ReliabilityBin(
        lower: Double(bin) / width, upper: Double(bin + 1) / width, count: Double(counts[bin]),
        confidence: confidences[bin], correct: Double(corrects[bin]))
    }
  }
}
