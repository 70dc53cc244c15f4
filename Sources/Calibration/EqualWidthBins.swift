/// Sums per interval (k/B, (k+1)/B]. Memory: O(B).
struct EqualWidthBins {
  private var counts: [Int]
  private var confidences: [Double]
  private var corrects: [Int]

  init(count: Int) {
    precondition(count > 0, "at least one bin")
    counts = Array(repeating: 0, count: count)
    confidences = Array(repeating: 0, count: count)
    corrects = Array(repeating: 0, count: count)
  }

  mutating func add(confidence: Double, correct: Bool) {
    let bin = index(of: confidence)
    counts[bin] += 1
    confidences[bin] += confidence
    corrects[bin] += correct ? 1 : 0
  }

  mutating func merge(_ other: EqualWidthBins) {
    for bin in counts.indices {
      counts[bin] += other.counts[bin]
      confidences[bin] += other.confidences[bin]
      corrects[bin] += other.corrects[bin]
    }
  }

  /// k with k/B < confidence ≤ (k+1)/B, decided by the edges as Doubles.
  private func index(of confidence: Double) -> Int {
    let width = Double(counts.count)
    var bin = min(max(Int(confidence * width), 0), counts.count - 1)
    if bin > 0 && confidence <= Double(bin) / width { bin -= 1 }
    if bin < counts.count - 1 && confidence > Double(bin + 1) / width { bin += 1 }
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
