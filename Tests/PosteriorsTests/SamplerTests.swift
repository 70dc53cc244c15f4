import Glibc
import Testing

@testable import Posteriors
@testable import Randomness

/// Samplers beside a Gaussian posterior in closed form.
@Suite struct SamplerTests {
  let target = GaussianTarget()
  static let chains = 4
  static let draws = 3000

  /// Mean and covariance of the draws are the posterior's within five standard errors, as counted by
  /// the effective sample size, and the chains agree.
  private func expectPosterior(
    _ chains: [[[Double]]], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    func check(_ known: Double, _ f: ([Double]) -> Double) {
      let values = chains.map { $0.map(f) }
      let all = values.flatMap { $0 }
      let mean = all.reduce(0, +) / Double(all.count)
      let variance = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(all.count)
      let size = ChainDiagnostics.effectiveSampleSize(values)
      #expect(size > 500, sourceLocation: sourceLocation)
      let error = (variance / size).squareRoot()
      #expect(
        abs(mean - known) < 5 * error, "\(mean) for \(known)", sourceLocation: sourceLocation)
      #expect(ChainDiagnostics.splitRHat(values) < 1.01, sourceLocation: sourceLocation)
    }
    for i in 0..<3 {
      check(target.mean[i]) { $0[i] }
      for j in 0...i {
        check(target.covariance[i][j]) {
          ($0[i] - target.mean[i]) * ($0[j] - target.mean[j])
        }
      }
    }
  }

  @Test func ellipticalSlices() {
    var draws: [[[Double]]] = []
    for chain in 0..<Self.chains {
      let start = [Double(chain), 0, -1]
      var sampler = EllipticalSliceSampler(
        position: start, logLikelihood: target.logLikelihood(start))
      var positions: [[Double]] = []
      for iteration in 0..<(Self.draws + 50) {
        sampler.step(seed: 1, chain: chain, iteration: iteration, target.logLikelihood)
        #expect(sampler.logLikelihood == target.logLikelihood(sampler.position))
        if iteration >= 50 { positions.append(sampler.position) }
      }
      draws.append(positions)
    }
    expectPosterior(draws)
  }

  /// Every evaluation but the first of a chain is a new point.
  @Test func noWastedEvaluations() {
    var seen: Set<[Double]> = []
    var calls = 0
    func l(_ u: [Double]) -> Double {
      calls += 1
      seen.insert(u)
      return target.logLikelihood(u)
    }
    var sampler = EllipticalSliceSampler(position: [0, 0, 0], logLikelihood: l([0, 0, 0]))
    var evaluations = 1
    for iteration in 0..<100 {
      sampler.step(seed: 1, chain: 0, iteration: iteration, l)
      evaluations += sampler.evaluations
    }
    #expect(calls == evaluations && seen.count == calls)
  }

  /// A likelihood that is impossible beyond a wall, and NaN further out.
  @Test func walls() {
    var sampler = EllipticalSliceSampler(position: [0.05], logLikelihood: 0)
    for iteration in 0..<2000 {
      sampler.step(seed: 3, chain: 0, iteration: iteration) { u in
        u[0] > 0 ? (u[0] < 0.1 ? 0 : -.infinity) : .nan
      }
      #expect(sampler.position[0] > 0 && sampler.position[0] < 0.1)
    }
  }

  @Test func noUTurns() {
    var draws: [[[Double]]] = []
    for chain in 0..<Self.chains {
      let start = [Double(chain), 0, -1]
      var sampler = NoUTurnSampler(
        position: start, start: target.logPosterior(start), warmup: 200)
      var positions: [[Double]] = []
      var acceptance = 0.0
      for iteration in 0..<(Self.draws + 200) {
        sampler.step(seed: 1, chain: chain, iteration: iteration, target.logPosterior)
        if iteration >= 200 {
          positions.append(sampler.position)
          acceptance += sampler.acceptance / Double(Self.draws)
          #expect(!sampler.diverged)
        }
      }
      // The wanted 0.8, of which dual averaging's own noise leaves about a tenth.
      #expect(acceptance > 0.7 && acceptance < 0.97)
      draws.append(positions)
    }
    expectPosterior(draws)
  }

  /// A chain that goes on from its numbers is the chain that was never stopped.
  @Test func chainsGoOn() {
    func run(_ from: Int, _ to: Int, _ sampler: inout NoUTurnSampler) {
      for iteration in from..<to {
        sampler.step(seed: 9, chain: 2, iteration: iteration, target.logPosterior)
      }
    }
    let start = [0.0, 0, 0]
    for stop in [0, 1, 7, 30, 59, 60, 75] {
      var whole = NoUTurnSampler(position: start, start: target.logPosterior(start), warmup: 60)
      var first = whole
      run(0, 80, &whole)
      run(0, stop, &first)
      var second = NoUTurnSampler(position: start, start: target.logPosterior(start), warmup: 60)
      second.state = first.state
      run(stop, 80, &second)
      #expect(second.state == whole.state)
    }
    let value = target.logLikelihood(start)
    var slices = EllipticalSliceSampler(position: start, logLikelihood: value)
    slices.step(seed: 2, chain: 0, iteration: 5, target.logLikelihood)
    var other = EllipticalSliceSampler(position: start, logLikelihood: value)
    other.step(seed: 2, chain: 1, iteration: 5, target.logLikelihood)
    #expect(slices.position != other.position)
  }

  @Test func warmupWindows() {
    var sampler = NoUTurnSampler(
      position: [0, 0, 0], start: target.logPosterior([0, 0, 0]), warmup: 5)
    for iteration in 0..<20 {
      sampler.step(seed: 1, chain: 0, iteration: iteration, target.logPosterior)
      if iteration >= 5 { #expect(sampler.stepSize > 0.01 && sampler.stepSize < 10) }
    }
    let settled = sampler.stepSize
    sampler.step(seed: 1, chain: 0, iteration: 20, target.logPosterior)
    #expect(sampler.stepSize == settled)
  }
}
