import Synchronization
import TestSupport
import Testing
import WeightSpace

/// Averages beside their recursions, on the vectors (1), (2), (4), (7): sums are in Double and rounded
/// to Float once, so that numbers agree to half a unit in the last place of a Float, 6e-8 relative.
@Suite struct AverageTests {
  private func averages(
    _ plan: AveragePlan, of values: [Float] = [1, 2, 4, 7], width: Int = 1
  ) throws -> [[Float]] {
    let rows = MemoryRows(rows: values.map { v in (0..<width).map { v + Float($0) } })
    let found = Mutex(
      [[Float]](
        repeating: [Float](repeating: .nan, count: width), count: plan.outputs.count))
    try WeightAverage(
      of: rows, plan,
      into: .floats { i, columns, span in
        found.withLock {
          for (k, column) in columns.enumerated() { $0[i][column] = span[k] }
        }
      }
    ).run(memory: 1 << 16)
    return found.withLock { $0 }
  }

  private func expect(_ plan: AveragePlan, _ known: [Double]) throws {
    let found = try averages(plan).map { Double($0[0]) }
    #expect(found.count == known.count)
    for (a, b) in zip(found, known) { #expect(abs(a - b) < 6e-8 * abs(b), "\(found) \(known)") }
  }

  @Test func means() throws {
    try expect(.uniform(count: 4, running: true), [1, 1.5, 7.0 / 3, 3.5])
    try expect(.uniform(count: 4, running: false), [3.5])
    try expect(.weighted([1, 0, 2, 1], running: false), [4])
    #expect(throws: AveragePlan.VanishingWeights.self) {
      try AveragePlan.weighted([1, -1, 2], running: true)
    }
  }

  /// By hand: aₜ = ½ aₜ₋₁ + ½ wₜ, and from zero over 1 − 2⁻ᵗ⁻¹.
  @Test func exponential() throws {
    try expect(
      .exponential(count: 4, decay: 0.5, running: true), [1, 1.5, 2.75, 4.875])
    try expect(
      .debiasedExponential(count: 4, decay: 0.5, running: true),
      [1, 1.25 / 0.75, 2.625 / 0.875, 4.8125 / 0.9375])
  }

  /// With a decay of 0.97 and the mean teacher's warm-up four vectors have their mean, 3.5; the other
  /// warm-up and the polynomial decay by their recursions in float64.
  @Test func warmUps() throws {
    try expect(
      .exponential(count: 4, decay: 0.97, warmUp: .meanTeacher, running: true),
      [1, 1.5, 7.0 / 3, 3.5])
    try expect(
      .exponential(count: 4, decay: 0.9999, warmUp: .differentialPrivacy, running: true),
      [1, 20.0 / 11, 38.0 / 11, 65.0 / 11])
    let mt = AveragePlan.WarmUp.meanTeacher
    for (t, decay) in [(1, 0.5), (2, 2.0 / 3), (5, 5.0 / 6)] {
      #expect(abs(mt.decay(0.97, t) - decay) < 1e-15)
    }
    #expect(mt.decay(0.97, 1000) == 0.97)
  }

  @Test func polynomialDecay() throws {
    try expect(.polynomial(count: 4, eta: 8, running: false), [6.154545454545455])
    try expect(.polynomial(count: 4, eta: 0, running: true), [1, 1.5, 7.0 / 3, 3.5])
  }

  @Test func windowsAndBlocks() throws {
    try expect(.windows(count: 4, length: 2), [1, 1.5, 3, 5.5])
    try expect(.windows(count: 4, length: 1), [1, 2, 4, 7])
    try expect(.windows(count: 4, length: 9), [1, 1.5, 7.0 / 3, 3.5])
    try expect(.blocks(count: 4, length: 2), [1.5, 5.5])
    try expect(.blocks(count: 4, length: 3), [7.0 / 3])
    #expect(AveragePlan.blocks(count: 2, length: 3).outputs.isEmpty)
    let outputs = AveragePlan.windows(count: 3, length: 2).outputs
    #expect(outputs.map(\.vector) == [0, 1, 2] && outputs.map(\.count) == [1, 2, 2])
  }

  /// A window's mean has the bits of the mean of its vectors, whatever the blocks.
  @Test func windowsAreMeans() throws {
    let values: [Float] = [0.1, 1e8, -3.7, 0.3, -1e8, 2.5e-3, 77]
    let windows = try averages(.windows(count: 7, length: 3), of: values, width: 5000)
    for t in 0..<7 {
      let last = Array(values[max(0, t - 2)...t])
      let mean = try averages(.uniform(count: last.count, running: false), of: last, width: 5000)
      #expect(windows[t] == mean[0], "\(t)")
    }
  }

  @Test func infinities() throws {
    let huge = Float.greatestFiniteMagnitude
    #expect(throws: MemoryRows.NotFinite(result: "the average is")) {
      try averages(.weighted([1, -0.9], running: true), of: [huge, -huge])
    }
    // What is in no block is not looked at.
    #expect(try averages(.blocks(count: 3, length: 2), of: [1, 3, .nan]) == [[2]])
  }
}
