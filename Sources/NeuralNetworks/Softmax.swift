#if canImport(Glibc)
  import Glibc
#endif

/// Softmax of one row of outputs, computed in Double with the row's maximum taken off first:
/// pᵢ = exponentials[i] / sum, log Σ exp = log(sum) + largest.
struct SoftmaxRow {
  /// exp(outputᵢ − largest).
  private(set) var exponentials: [Double]
  private(set) var sum = 0.0
  private(set) var largest: Float = 0
  /// The first class whose output is the largest.
  private(set) var best = 0

  init(width: Int) { exponentials = Array(repeating: 0, count: width) }

  /// Reads the row that starts at `start`.
  mutating func read(_ outputs: Span<Float>, from start: Int) {
    best = 0
    for c in 1..<max(exponentials.count, 1) where outputs[start + c] > outputs[start + best] {
      best = c
    }
    largest = outputs[start + best]
    sum = 0
    for c in exponentials.indices {
      exponentials[c] = exp(Double(outputs[start + c] - largest))
      sum += exponentials[c]
    }
  }

  subscript(c: Int) -> Double { exponentials[c] / sum }
  var logSumExp: Double { log(sum) + Double(largest) }
}

/// Adds softmax(outputs) of each row to `sums`, both [count, width] row-major.
public func addSoftmax(
  of outputs: Span<Float>, count: Int, width: Int,
  to sums: inout [Double], at row: Int, _ each: ((Int, Double) -> Void)? = nil
) {
  var softmax = SoftmaxRow(width: width)
  for n in 0..<count {
    softmax.read(outputs, from: n * width)
    for c in 0..<width {
      let probability = softmax[c]
      sums[(row + n) * width + c] += probability
      each?(n * width + c, probability)
    }
  }
}
