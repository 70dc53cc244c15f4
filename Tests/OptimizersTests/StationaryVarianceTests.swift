import Objectives
import Optimizers
import TestSupport
import Testing
import WeightSpace

/// SGD with a constant rate on a quadratic with gradient noise ends in a known cloud about the
/// minimum.
@Suite struct StationaryVarianceTests {
  /// w ← w − η v, v ← μ v + a w + ξ, ξ ~ N(0, s²), has the stationary variance
  ///
  ///     η s²/a · (1 + μ) / ((1 − μ) (2 (1 + μ) − η a))
  ///
  /// (the fixed point of its linear recursion). Squares of the iterates are correlated over some
  /// (1 + ρ²)/(1 − ρ²) steps, where ρ² is (1 − η a)² without momentum and μ with it; five standard
  /// errors are allowed.
  @Test(arguments: [(0.0, 0.4, 0.64), (0.9, 0.1, 0.9)])
  func ofSGD(_ momentum: Double, _ rate: Double, _ decay: Double) throws {
    let coordinates = 32
    let steps = 6000
    let (curvature, deviation, batch) = (0.5, 1.5, 4)
    var objective = Quadratic(
      curvatures: Array(repeating: curvature, count: coordinates),
      minimum: Array(repeating: 2, count: coordinates),
      deviations: Array(repeating: deviation, count: coordinates))
    let sgd = try SGD(count: coordinates, momentum: momentum)
    var weights = WeightVector(Array(repeating: 2, count: coordinates))
    var gradient = WeightVector(count: coordinates)
    let warmup = 200
    var sum = 0.0
    for index in 0..<(steps + warmup) {
      let step = Step(seed: 1, index: index, learningRate: rate)
      _ = try objective.valueAndGradient(at: weights, batch, step, gradient: &gradient)
      sgd.update(&weights, gradient: gradient, step)
      if index < warmup { continue }
      for i in 0..<coordinates {
        let offset = Double(weights[i]) - 2
        sum += offset * offset / Double(steps * coordinates)
      }
    }
    let variance = deviation * deviation / Double(batch)
    let expected =
      rate * variance / curvature * (1 + momentum)
      / ((1 - momentum) * (2 * (1 + momentum) - rate * curvature))
    let independent = Double(steps * coordinates) * (1 - decay) / (1 + decay)
    #expect(
      abs(sum / expected - 1) < 5 * (2 / independent).squareRoot(), "\(sum), not \(expected)")
  }
}
