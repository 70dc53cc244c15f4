import Posteriors
import Testing
import WeightSpace

/// The posterior in a subspace of weights with a Gaussian likelihood, beside its closed form.
@Suite struct SubspacePosteriorTests {
  /// ℓ(w) = −½ Σ aᵢ (wᵢ − mᵢ)², NaN beyond |w₀| = 100.
  final class Quadratic: WeightLikelihood {
    let a: [Double] = [1, 4, 0.5, 2]
    let m: [Double] = [1, -1, 2, 0]
    let batchCount = 1

    func value(at w: borrowing WeightVector) -> Double {
      if abs(w[0]) > 100 { return .nan }
      var sum = 0.0
      for i in 0..<4 { sum -= 0.5 * a[i] * (Double(w[i]) - m[i]) * (Double(w[i]) - m[i]) }
      return sum
    }

    func valueAndGradient(
      at w: borrowing WeightVector, gradient: inout WeightVector
    ) -> Double {
      for i in 0..<4 { gradient[i] = Float(-a[i] * (Double(w[i]) - m[i])) }
      return value(at: w)
    }

    func stochasticValueAndGradient(
      at w: borrowing WeightVector, step: Int, gradient: inout WeightVector
    ) -> Double { valueAndGradient(at: w, gradient: &gradient) }
  }

  /// w = (½, 0, 0, 1) + z₀ (1, 0, 0, 0) + z₁ (0, 1, 1, 0), z = (2 u₀, ½ u₁).
  private func posterior(temperature: Double = 1, shift: Float = 0.5) -> SubspacePosterior {
    var subspace = AffineSubspace(parameterCount: 4, dimension: 2)
    subspace.shift = WeightVector([shift, 0, 0, 1])
    for (j, direction) in [[1, 0, 0, 0], [0, 1, 1, 0] as [Float]].enumerated() {
      subspace.setDirection(j) { for i in 0..<4 { $0[i] = direction[i] } }
    }
    return SubspacePosterior(
      subspace, scale: [2, 0.5], temperature: temperature, likelihood: Quadratic())
  }

  @Test(arguments: [1.0, 10])
  func valueAndGradient(_ t: Double) throws {
    let posterior = posterior(temperature: t)
    // w = (2½, ¼, ¼, 1): ℓ = −½ (2.25 + 6.25 + ½ · 3.0625 + 2).
    let u = [1, 0.5]
    let l = -0.5 * (2.25 + 6.25 + 0.5 * 3.0625 + 2)
    #expect(abs(try posterior.untemperedLogLikelihood(at: u) - l) < 1e-14)
    #expect(abs(try posterior.logLikelihood(at: u) - l / t) < 1e-14)
    let (value, gradient) = try posterior.valueAndGradient(at: u)
    #expect(abs(value - (l / t - 0.625)) < 1e-14)
    #expect(try posterior.value(at: u) == value)
    // ∂ℓ/∂w = (−1.5, −5, 0.875, −2), along the directions −1.5 and −4.125.
    #expect(abs(gradient[0] - (2 * -1.5 / t - 1)) < 1e-12)
    #expect(abs(gradient[1] - (0.5 * -4.125 / t - 0.5)) < 1e-12)
    #expect(posterior.coordinates(u) == [2, 0.25])
  }

  /// Chains start where the likelihood is a number, or say that it nowhere is.
  @Test func starts() throws {
    #expect(try ChainStart(of: posterior(), chain: 0, seed: 1).position == [0, 0])
    let other = try ChainStart(of: posterior(shift: 99.9), chain: 1, seed: 5)
    #expect(other.logLikelihood.isFinite)
    #expect(throws: ChainStart.Nowhere.self) {
      try ChainStart(of: posterior(shift: 150), chain: 0, seed: 1)
    }
  }

  /// Either kernel goes on from its numbers alone, and finds the posterior's mean and variance:
  /// precision (1 + 4, 1 + ¼ · 4.5), mean (2 · ½, ½ (−4 + 1)) over it.
  @Test(arguments: [true, false])
  func kernels(_ gradients: Bool) throws {
    let posterior = posterior()
    let kernel: any MarkovKernel.Type =
      gradients ? NoUTurnSampler.self : EllipticalSliceSampler.self
    let start = try ChainStart(of: posterior, chain: 0, seed: 1)
    var chain = try kernel.init(at: start, of: posterior, warmup: 200)
    var draws: [[Double]] = []
    for iteration in 0..<4200 {
      if iteration % 1000 == 300 {
        var next = try kernel.init(at: start, of: posterior, warmup: 200)
        next.state = chain.state
        chain = next
      }
      try chain.step(posterior, seed: 3, chain: 0, iteration: iteration)
      #expect(chain.evaluations > 0)
      guard iteration >= 200 else { continue }
      // While it adapts, a trajectory may diverge.
      #expect(!chain.diverged && chain.acceptance > 0)
      draws.append(chain.position)
    }
    #expect(
      abs(chain.logLikelihood - (try posterior.logLikelihood(at: chain.position))) < 1e-12)
    for (j, (precision, slope)) in [(5.0, 1.0), (2.125, -1.5)].enumerated() {
      let values = draws.map { $0[j] }
      let size = ChainDiagnostics.effectiveSampleSize([values])
      let mean = values.reduce(0, +) / Double(values.count)
      #expect(size > 300)
      #expect(abs(mean - slope / precision) < 5 * (1 / precision / size).squareRoot())
    }
  }
}
