import Posteriors
import Testing

@testable import Randomness

@Suite struct SamplerDiagnosticsTests {
  /// Chains xₜ = a xₜ₋₁ + √(1 − a²) ε, whose autocorrelations are aˡ.
  private func autoregressive(_ a: Double, chains: Int, draws: Int, offset: Double = 0)
    -> [[Double]]
  {
    (0..<chains).map { chain in
      var stream = RandomStream(seed: 5, stream: UInt64(chain))
      var x = Double(stream.normal())
      return (0..<draws).map { _ in
        x = a * x + (1 - a * a).squareRoot() * Double(stream.normal())
        return x + offset * Double(chain)
      }
    }
  }

  /// S (1 − a) / (1 + a) for S draws; the estimate's own error falls with √S and is a few percent here.
  @Test(arguments: [0.0, 0.5, 0.9, -0.4])
  func effectiveSize(_ a: Double) {
    let draws = 20_000
    let found = ChainDiagnostics.effectiveSampleSize(
      autoregressive(a, chains: 4, draws: draws))
    let known = Double(4 * draws) * (1 - a) / (1 + a)
    #expect(abs(found / known - 1) < 0.1, "\(found) for \(known)")
  }

  @Test func chainsThatDisagree() {
    let agreeing = autoregressive(0.5, chains: 4, draws: 5000)
    #expect(ChainDiagnostics.splitRHat(agreeing) < 1.01)
    let apart = autoregressive(0.5, chains: 2, draws: 5000, offset: 2)
    // Means two apart: between the four half-chains the variance is 4/3, within them 1.
    #expect(abs(ChainDiagnostics.splitRHat(apart) - (1 + 4.0 / 3).squareRoot()) < 0.1)
    #expect(ChainDiagnostics.effectiveSampleSize(apart) < 50)
    // One chain that drifts shows by its halves.
    let drift = [(0..<1000).map { Double($0) / 500 }]
    #expect(ChainDiagnostics.splitRHat(drift) > 1.5)
  }

  @Test func hardlyAnyDraws() {
    #expect(ChainDiagnostics.splitRHat([]).isNaN)
    #expect(ChainDiagnostics.splitRHat([[1, 2, 3]]).isNaN)
    #expect(ChainDiagnostics.effectiveSampleSize([[1, 2, 3]]).isNaN)
    #expect(ChainDiagnostics.splitRHat([[1, 1, 1, 1], [1, 1, 1, 1]]).isNaN)
    #expect(ChainDiagnostics.splitRHat([[1, 1, 1, 1], [2, 2, 2, 2]]) == .infinity)
    #expect(ChainDiagnostics.effectiveSampleSize([[1, 1, 1, 1]]).isNaN)
    // By hand: half-chains (1, 3) and (2, 6) have means 2 and 4, W = (2 + 8)/2 = 5, B/n = 2.
    let rHat = ChainDiagnostics.splitRHat([[1, 3, 2, 6]])
    #expect(abs(rHat - (((1.0 / 2) * 5 + 2) / 5).squareRoot()) < 1e-15)
  }
}
