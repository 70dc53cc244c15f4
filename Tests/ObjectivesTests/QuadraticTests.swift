import Objectives
import TestSupport
import Testing
import WeightSpace

/// The objective that other tests stand on: ½ (w − m)ᵀ A (w − m) with gradient noise N(0, C/B).
@Suite struct QuadraticTests {
  let quadratic = Quadratic(
    matrix: [2, -0.5, -0.5, 1], minimum: [1, -2], noise: [0.6, 0, 0.3, 0.4])

  @Test func valueGradientAndProducts() throws {
    var objective = quadratic
    var gradient = WeightVector(count: 2)
    let result = try objective.valueAndGradient(
      at: WeightVector([2, 2]), 0, Step(), gradient: &gradient)
    // The offset is (1, 4): A (1, 4) = (0, 3.5), half its product with the offset is 7.
    #expect(result == BatchResult(loss: 7, examples: 1))
    #expect(gradient.elements == [0, 3.5])
    _ = try objective.hessianProduct(
      at: WeightVector([2, 2]), along: WeightVector([1, 2]), 5, Step(), product: &gradient)
    #expect(gradient.elements == [1, 1.5])
  }

  /// 20 000 draws have the mean 0 and the covariance C/B, C = L Lᵀ, within five standard errors,
  /// which are √((cᵢᵢ cⱼⱼ + cᵢⱼ²)/n) of a covariance of normal variates.
  @Test func noise() throws {
    var objective = quadratic
    var gradient = WeightVector(count: 2)
    let draws = 20_000
    let batch = 4
    var mean = [0.0, 0]
    var products = [0.0, 0, 0]
    for index in 0..<draws {
      _ = try objective.valueAndGradient(
        at: WeightVector([1, -2]), batch, Step(seed: 3, index: index), gradient: &gradient)
      let g = gradient.elements.map { Double($0) }
      for i in 0..<2 { mean[i] += g[i] / Double(draws) }
      for (k, (i, j)) in [(0, 0), (0, 1), (1, 1)].enumerated() {
        products[k] += g[i] * g[j] / Double(draws)
      }
    }
    let c = [0.36, 0.18, 0.25].map { $0 / Double(batch) }
    for i in 0..<2 { #expect(abs(mean[i]) < 5 * (c[2 * i] / Double(draws)).squareRoot()) }
    for (k, (a, b)) in [(c[0], c[0]), (c[0], c[2]), (c[2], c[2])].enumerated() {
      #expect(abs(products[k] - c[k]) < 5 * ((a * b + c[k] * c[k]) / Double(draws)).squareRoot())
    }
  }

  /// A function of the step's seed and index, and of nothing before it.
  @Test func noiseFollowsTheStep() throws {
    var objective = quadratic
    func gradient(_ seed: UInt64, _ index: Int) throws -> [Float] {
      var gradient = WeightVector(count: 2)
      _ = try objective.valueAndGradient(
        at: WeightVector([0, 0]), 1, Step(seed: seed, index: index), gradient: &gradient)
      return gradient.elements
    }
    let first = try gradient(1, 7)
    #expect(try gradient(1, 8) != first && gradient(2, 7) != first)
    #expect(try gradient(1, 7) == first)
  }
}
