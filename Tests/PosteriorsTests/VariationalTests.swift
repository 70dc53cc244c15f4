import Glibc
import Objectives
import Optimizers
import Testing
import WeightSpace

@testable import Posteriors
@testable import Randomness

/// Variational fits beside a Gaussian posterior in closed form. Parameters are Floats: 6e-8 of their
/// size is what they can be told apart by.
@Suite struct VariationalTests {
  let target = GaussianTarget()

  /// A member of a family fitted by Adam.
  private struct Fit {
    let q: [Double]
    /// The mean of the bound over the last tenth of the steps.
    let loss: Double

    init<Family: VariationalFamily>(
      _ family: Family, _ target: GaussianTarget, _ start: [Double], steps: Int,
      rate: (_ fraction: Double) -> Double
    ) throws {
      var bound = EvidenceBound(family) { u, _ in target.logPosterior(u) }
      let optimizer = try AdamW(count: family.parameterCount, weightDecay: 0)
      var parameters = WeightVector(start.map { Float($0) })
      var gradient = WeightVector(count: parameters.count)
      var sum = 0.0
      for index in 0..<steps {
        let step = Step(
          seed: 4, index: index, learningRate: rate(Double(index) / Double(steps)))
        let result = try bound.valueAndGradient(at: parameters, (), step, gradient: &gradient)
        if index >= steps - steps / 10 { sum += result.loss }
        optimizer.update(&parameters, gradient: gradient, step)
      }
      q = EvidenceBound<Family>.numbers(parameters)
      loss = sum / Double(steps / 10)
    }
  }

  /// The full family contains the posterior: the fit comes to rest there.
  @Test func fullCovariance() throws {
    let family = GaussianVariational(.full, dimension: 3)
    let fit = try Fit(family, target, family.parameters(scale: 0.1), steps: 4000) {
      0.05 * (1 - $0)
    }
    for i in 0..<3 {
      let scale = target.covariance[i][i].squareRoot()
      // Its last steps are of the order of the rate's end, and it oscillates within them.
      #expect(abs(family.mean(fit.q)[i] - target.mean[i]) < 0.01 * scale)
      for j in 0...i {
        let size = scale * target.covariance[j][j].squareRoot()
        #expect(abs(family.covariance(i, j, fit.q) - target.covariance[i][j]) < 0.02 * size)
      }
    }
    let mean = family.mean(fit.q)
    var sums = [0.0, 0.0, 0.0]
    let draws = 20_000
    for k in 0..<draws {
      let u = family.sample(fit.q, seed: 4, index: k)
      for i in 0..<3 { sums[i] += (u[i] - mean[i]) * (u[0] - mean[0]) / Double(draws) }
    }
    for i in 0..<3 {
      let (a, b) = (family.covariance(i, i, fit.q), family.covariance(0, 0, fit.q))
      let c = family.covariance(i, 0, fit.q)
      // The standard error of a sample covariance of Gaussians.
      let error = ((a * b + c * c) / Double(draws)).squareRoot()
      #expect(abs(sums[i] - c) < 5 * error)
    }
  }

  /// Independent coordinates are the mean-field family's; of correlated ones it keeps the means, and
  /// the conditional variances 1 / Λᵢᵢ (Bishop, "Pattern Recognition", 2006, section 10.1.2).
  @Test(arguments: [true, false])
  func meanField(_ correlated: Bool) throws {
    let target = GaussianTarget(correlated: correlated)
    let family = GaussianVariational(.meanField, dimension: 3)
    let fit = try Fit(family, target, family.parameters(scale: 0.1), steps: 8000) {
      0.05 * pow(1 - $0, 2)
    }
    for i in 0..<3 {
      let variance = 1 / target.precision[i, i]
      if !correlated { #expect(abs(variance - target.covariance[i][i]) < 1e-12) }
      // Where the family does not contain the posterior, gradients keep their noise.
      let tolerance = correlated ? 0.1 : 0.01
      #expect(abs(family.mean(fit.q)[i] - target.mean[i]) < tolerance * variance.squareRoot())
      #expect(abs(family.covariance(i, i, fit.q) - variance) < 2 * tolerance * variance)
      for j in 0..<i { #expect(family.covariance(i, j, fit.q) == 0) }
    }
  }

  /// A flow fitted to a correlated Gaussian: a linear map of the kept part moves the others there.
  @Test func flow() throws {
    let family = RealNVP(dimension: 3)
    let fit = try Fit(family, target, family.parameters(scale: 0.1, seed: 4), steps: 1500) {
      0.005 * (1 + cos(Double.pi * $0))
    }
    let draws = (0..<20_000).map { family.sample(fit.q, seed: 7, index: $0) }
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

  /// Where the family contains the posterior, log q − log p is minus the evidence at every draw: with
  /// the constants of prior and likelihood left out, −½ log det(2π Σ) − log p at the mean.
  @Test func evidence() throws {
    let family = GaussianVariational(.full, dimension: 3)
    let fit = try Fit(family, target, family.parameters(scale: 0.1), steps: 4000) {
      0.05 * (1 - $0)
    }
    let covariance = SymmetricMatrix(order: 3) { target.covariance[$0][$1] }
    let factor = try #require(covariance.choleskyFactor())
    let known =
      -0.5 * (3 * log(2 * Double.pi) + factor.logDeterminant)
      - target.logPosterior(target.mean).value
    // A fit within 1 % of a standard deviation and 2 % of a variance misses about 3 · 0.01² / 2.
    #expect(abs(fit.loss - known) < 1e-3, "\(fit.loss) for \(known)")
  }

  /// log q of a flow's draw beside the change of variables by differences.
  @Test func flowDensity() {
    let flow = RealNVP(dimension: 2)
    var parameters = flow.parameters(scale: 0.7, seed: 3)
    var stream = RandomStream(seed: 1, stream: 0)
    for i in parameters.indices { parameters[i] += 0.05 * Double(stream.normal()) }
    let noise = [0.4, -1.2]
    let h = 1e-6
    func partial(_ i: Int) -> [Double] {
      var (up, down) = (noise, noise)
      up[i] += h
      down[i] -= h
      let (a, b) = (flow.draw(up, parameters).point, flow.draw(down, parameters).point)
      return zip(a, b).map { ($0 - $1) / (2 * h) }
    }
    let (a, b) = (partial(0), partial(1))
    let volume = log(abs(a[0] * b[1] - a[1] * b[0]))
    let known = -0.5 * (0.4 * 0.4 + 1.2 * 1.2) - log(2 * Double.pi) - volume
    #expect(abs(flow.draw(noise, parameters).logDensity - known) < 1e-8)
  }
}
