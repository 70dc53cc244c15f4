#if canImport(Glibc)
  import Glibc
#endif

/// Adds softmax(outputs) of each row to `sums`, both [count, width] row-major. Computed in Double
/// with the row's maximum taken off first.
public func addSoftmax(
  of outputs: Span<Float>, count: Int, width: Int,
  to sums: inout [Double], at row: Int, _ each: ((Int, Double) -> Void)? = nil
) {
  var exponentials = [Double](repeating: 0, count: width)
  for n in 0..<count {
    var largest = -Float.infinity
    for c in 0..<width { largest = max(largest, outputs[n * width + c]) }
    var sum = 0.0
    for c in 0..<width {
      exponentials[c] = exp(Double(outputs[n * width + c] - largest))
      sum += exponentials[c]
    }
    for c in 0..<width {
      let probability = exponentials[c] / sum
      sums[(row + n) * width + c] += probability
      each?(n * width + c, probability)
    }
  }
}
