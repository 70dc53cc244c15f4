/// Sums per interval (k/B, (k+1)/B]. Memory: O(B).
struct EqualWidthBins: Sendable {
  private var counts: [Int]
  private var confidences: [Double]
  private var corrects: [Int]
  private let edges: [Double]

  init(count: Int) {
    precondition(count > 0, "at least one bin")
    counts = Array(repeating: 0, count: count)
    confidences = Array(repeating: 0, count: count)
    corrects = Array(repeating: 0, count: count)
    edges = (0...count).map { Double($0) / Double(count) }
  }

  /// Adds `count` rows of one confidence.
  mutating func add(confidence: Double, correct: Bool, count: Int = 1) {
    let edges = edges
    let bin = Self.index(of: confidence, edges: edges.span)
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
  /// belongs to the first or the last. `edges` are k/B, k = 0…B.
  @inline(__always)
  static func index(of confidence: Double, edges: Span<Double>) -> Int {
    let count = edges.count &- 1
    // What is no number, or far out of range, is refused elsewhere, but must not be converted.
    var bin = confidence < 1 ? min(Int(max(confidence, 0) * Double(count)), count &- 1) : count &- 1
    if bin > 0 && confidence <= edges[bin] { bin &-= 1 }
    if bin < count &- 1 && confidence > edges[bin &+ 1] { bin &+= 1 }
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
