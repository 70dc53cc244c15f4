import Glibc
import Randomness
import Testing

@testable import Posteriors

/// Samplers and variational fits beside a Gaussian posterior in closed form.
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

  /// The full family contains the posterior: the fit comes to rest there.
  @Test func fullVariational() {
    var fit = GaussianVariational(.full, dimension: 3, scale: 0.1)
    let steps = 4000
    for step in 0..<steps {
      let rate = 0.05 * (1 - Double(step) / Double(steps))
      fit.update(seed: 4, step: step, learningRate: rate) { target.logPosterior($0).gradient }
    }
    for i in 0..<3 {
      let scale = target.covariance[i][i].squareRoot()
      // Its last steps are of the order of the rate's end, and it oscillates within them.
      #expect(abs(fit.mean[i] - target.mean[i]) < 0.01 * scale)
      for j in 0...i {
        let size = scale * target.covariance[j][j].squareRoot()
        #expect(abs(fit.covariance(i, j) - target.covariance[i][j]) < 0.02 * size)
      }
    }
    var sums = [0.0, 0.0, 0.0]
    let draws = 20_000
    for k in 0..<draws {
      let u = fit.sample(seed: 4, index: k)
      for i in 0..<3 { sums[i] += (u[i] - fit.mean[i]) * (u[0] - fit.mean[0]) / Double(draws) }
    }
    for i in 0..<3 {
      let (a, b, c) = (fit.covariance(i, i), fit.covariance(0, 0), fit.covariance(i, 0))
      // The standard error of a sample covariance of Gaussians.
      let error = ((a * b + c * c) / Double(draws)).squareRoot()
      #expect(abs(sums[i] - c) < 5 * error)
    }
  }

  /// Independent coordinates are the mean-field family's; of correlated ones it keeps the means, and
  /// the conditional variances 1 / Λᵢᵢ (Bishop, "Pattern Recognition", 2006, section 10.1.2).
  @Test(arguments: [true, false])
  func meanFieldVariational(_ correlated: Bool) {
    let target = GaussianTarget(correlated: correlated)
    var fit = GaussianVariational(.meanField, dimension: 3, scale: 0.1)
    let steps = 8000
    for step in 0..<steps {
      let rate = 0.05 * pow(1 - Double(step) / Double(steps), 2)
      fit.update(seed: 4, step: step, learningRate: rate) { target.logPosterior($0).gradient }
    }
    for i in 0..<3 {
      let variance = 1 / target.precision[i, i]
      if !correlated { #expect(abs(variance - target.covariance[i][i]) < 1e-12) }
      // Where the family does not contain the posterior, gradients keep their noise.
      let tolerance = correlated ? 0.1 : 0.01
      #expect(abs(fit.mean[i] - target.mean[i]) < tolerance * variance.squareRoot())
      #expect(abs(fit.covariance(i, i) - variance) < 2 * tolerance * variance)
      for j in 0..<i { #expect(fit.covariance(i, j) == 0) }
    }
  }

  /// A flow fitted to a correlated Gaussian: a linear map of the kept part moves the others there.
  @Test func flow() {
    var fit = CouplingFlow(dimension: 3, scale: 0.1, seed: 4)
    let steps = 1500
    for step in 0..<steps {
      let rate = cosineDecay(0.01, Double(step) / Double(steps))
      fit.update(seed: 4, step: step, learningRate: rate) { target.logPosterior($0).gradient }
    }
    let draws = (0..<20_000).map { fit.sample(seed: 7, index: $0) }
    for i in 0..<3 {
      let mean = draws.reduce(0) { $0 + $1[i] } / Double(draws.count)
      let scale = target.covariance[i][i].squareRoot()
      // The fit's gradients keep their noise; its networks follow a line only nearly.
      #expect(abs(mean - target.mean[i]) < 0.15 * scale)
      for j in 0...i {
        let covariance =
          draws.reduce(0) { $0 + ($1[i] - target.mean[i]) * ($1[j] - target.mean[j]) }
          / Double(draws.count)
        let size = scale * target.covariance[j][j].squareRoot()
        #expect(abs(covariance - target.covariance[i][j]) < 0.2 * size, "\(i), \(j)")
      }
    }
  }

  /// The derivatives of the bound by a layer's input and parameters beside differences of it.
  @Test func couplingDerivatives() {
    let layer = CouplingLayer(dimension: 3, keepsSecond: true, offset: 2)
    var parameters = [Double](repeating: 0, count: 2 + layer.count)
    var stream = RandomStream(seed: 1, stream: 0)
    for i in parameters.indices { parameters[i] = 0.15 * Double(stream.normal()) }
    let x = [0.3, -0.8, 1.1]
    let direction = [0.7, -1.3, 0.4]
    func bound(_ x: [Double], _ parameters: [Double]) -> Double {
      let trace = layer.forward(x, parameters)
      return zip(trace.output, direction).reduce(0) { $0 + $1.0 * $1.1 }
        + trace.logScale.reduce(0, +)
    }
    var gradient = [Double](repeating: 0, count: parameters.count)
    let trace = layer.forward(x, parameters)
    let slope = layer.backward(direction, trace, parameters, gradient: &gradient)
    let h = 1e-5
    for i in 0..<3 {
      var (up, down) = (x, x)
      up[i] += h
      down[i] -= h
      let known = (bound(up, parameters) - bound(down, parameters)) / (2 * h)
      #expect(abs(slope[i] - known) < 1e-8)
    }
    for i in stride(from: 0, to: parameters.count, by: 613) {
      var (up, down) = (parameters, parameters)
      up[i] += h
      down[i] -= h
      let known = (bound(x, up) - bound(x, down)) / (2 * h)
      #expect(abs(gradient[i] - known) < 1e-8)
    }
    #expect(gradient.contains { $0 != 0 })
  }
}
