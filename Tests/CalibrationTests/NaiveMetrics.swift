import Glibc

@testable import Calibration

/// The metrics as their definitions read, row by row in Double, with everything in memory.
struct NaiveMetrics {
  var accuracy = 0.0
  var negativeLogLikelihood = 0.0
  var brier = 0.0
  var confidence = 0.0
  var entropy = 0.0

  init(_ rows: [[Double]], _ classes: [Int32]) {
    let n = Double(rows.count)
    for (p, y) in zip(rows, classes) {
      let largest = p.max()!
      accuracy += p.firstIndex(of: largest) == Int(y) ? 1 / n : 0
      negativeLogLikelihood -= log(p[Int(y)]) / n
      for j in p.indices {
        let d = p[j] - (j == Int(y) ? 1 : 0)
        brier += d * d / n
        entropy -= p[j] > 0 ? p[j] * log(p[j]) / n : 0
      }
      confidence += largest / n
    }
  }
}

/// Rows of random probabilities, some nearly sure, some nearly uniform.
func randomRows(
  _ count: Int, classes: Int, seed: UInt64
) -> (rows: [[Double]], classes: [Int32]) {
  var generator = SplitMix(state: seed)
  var rows: [[Double]] = []
  var labels: [Int32] = []
  for i in 0..<count {
    let sharpness = Double(i % 7) * 3
    let weights = (0..<classes).map { _ in
      exp(sharpness * Double.random(in: 0..<1, using: &generator))
    }
    let sum = weights.reduce(0, +)
    rows.append(weights.map { $0 / sum })
    labels.append(Int32.random(in: 0..<Int32(classes), using: &generator))
  }
  return (rows, labels)
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension ClassificationMeter {
  mutating func add(_ probabilities: [Float], _ classes: [Int32]) throws {
    try add(probabilities: probabilities.span, classes: classes.span)
  }

  mutating func add(_ probabilities: [Double], _ classes: [Int32]) throws {
    try add(probabilities: probabilities.span, classes: classes.span)
  }
}

extension RegressionMeter {
  mutating func add(_ means: [Double], _ variances: [Double], _ targets: [Double]) throws {
    try add(means: means.span, variances: variances.span, targets: targets.span)
  }
}
