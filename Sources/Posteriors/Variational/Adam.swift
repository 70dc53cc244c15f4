import Glibc

/// Adam's steps for a few numbers in Double (Kingma, Ba, "Adam: A Method for Stochastic
/// Optimization", 2015, algorithm 1, with its constants), uphill.
struct Adam: Sendable {
  private var first: [Double]
  private var second: [Double]
  private var count = 0

  init(count: Int) {
    first = Array(repeating: 0, count: count)
    second = first
  }

  /// x ← x + rate · m̂ / (√v̂ + ε).
  mutating func ascend(_ x: inout [Double], gradient: [Double], rate: Double) {
    precondition(x.count == first.count && gradient.count == x.count, "numbers of one kind")
    count += 1
    let firstBias = 1 - pow(0.9, Double(count))
    let secondBias = 1 - pow(0.999, Double(count))
    for i in x.indices {
      first[i] = 0.9 * first[i] + 0.1 * gradient[i]
      second[i] = 0.999 * second[i] + 0.001 * gradient[i] * gradient[i]
      x[i] += rate * (first[i] / firstBias) / ((second[i] / secondBias).squareRoot() + 1e-8)
    }
  }
}

/// A learning rate that falls from `rate` to zero as a cosine; `fraction` is the share of the steps
/// that are done.
public func cosineDecay(_ rate: Double, _ fraction: Double) -> Double {
  0.5 * rate * (1 + cos(Double.pi * fraction))
}
