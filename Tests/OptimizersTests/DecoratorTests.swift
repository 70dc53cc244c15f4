import Objectives
import Optimizers
import Testing
import WeightSpace

/// ½ Σ aᵢ (wᵢ − mᵢ)², with statistics that say at which weights it was evaluated last.
private final class Quadratic: Objective {
  let a: [Float]
  let m: [Float]
  private(set) var evaluations: [Step] = []
  private var last: [Float] = []
  private var held: [Float]?
  var parameterCount: Int { a.count }

  init(_ a: [Float], _ m: [Float]) {
    self.a = a
    self.m = m
  }

  func valueAndGradient(
    at weights: borrowing WeightVector, _ batch: Float, _ step: Step,
    gradient: inout WeightVector
  ) throws -> BatchResult {
    evaluations.append(step)
    last = weights.elements
    var loss = 0.0
    for i in a.indices {
      let distance = weights[i] - m[i]
      gradient[i] = batch * a[i] * distance
      loss += 0.5 * Double(batch * a[i] * distance * distance)
    }
    return BatchResult(loss: loss, examples: 1, score: Score(correct: 1))
  }

  func holdStatistics() { held = last }
  func moveStatistics(_ buffers: inout WeightVector) {
    buffers.copy(from: WeightVector(held ?? last))
    held = nil
  }
}

@Suite struct SharpnessAwareTests {
  /// H = diag(2, 1), w = (1, 2), ρ = .05, one step of rate .1, computed in float64.
  @Test(arguments: [
    (false, [0.7929289322, 1.7964644661]), (true, [0.7955278640, 1.7910557281]),
  ])
  func goldenStep(adaptive: Bool, expected: [Double]) throws {
    let base = Quadratic([2, 1], [0, 0])
    let objective = SharpnessAware(base, radius: 0.05, isAdaptive: adaptive)
    var w = WeightVector([1, 2])
    var gradient = WeightVector(count: 2)
    let step = Step(seed: 4, index: 9)
    let result = try objective.valueAndGradient(at: w, 1, step, gradient: &gradient)
    #expect(result.loss == 3 && result.score.correct == 1)
    // Both passes are of one step, and the statistics are the first one's.
    #expect(base.evaluations == [step, step])
    var statistics = WeightVector(count: 2)
    objective.moveStatistics(&statistics)
    #expect(statistics.elements == [1, 2])
    w.add(scaled: -0.1, gradient)
    for i in 0..<2 { #expect(abs(Double(w[i]) - expected[i]) < 1e-6) }
  }

  @Test func atTheMinimumThereIsNoDirection() throws {
    let objective = SharpnessAware(Quadratic([2, 1], [3, 4]), radius: 0.05)
    var gradient = WeightVector(count: 2)
    _ = try objective.valueAndGradient(at: WeightVector([3, 4]), 1, Step(), gradient: &gradient)
    #expect(gradient.elements == [0, 0])
  }
}

@Suite struct LocalEntropyTests {
  /// L = ½·2 (w − 1)², w = 3, γ = .5, η′ = .1, five inner steps without noise or momentum: w − μ,
  /// computed in float64.
  @Test(arguments: [1, 2, 3, 4, 5]) func goldenInnerLoop(steps: Int) throws {
    let mean = [2.9, 2.75, 2.58125, 2.4125, 2.2542968750]
    let settings = LocalEntropySettings(
      steps: steps, rate: 0.1, gamma: 0.5, scoping: 0, noise: 0, momentum: 0)
    let objective = LocalEntropy(Quadratic([2], [1]), settings)
    var gradient = WeightVector(count: 1)
    let result = try objective.valueAndGradient(
      at: WeightVector([3]), Array(repeating: 1, count: steps), Step(), gradient: &gradient)
    #expect(abs(Double(gradient[0]) - (3 - mean[steps - 1])) < 1e-6)
    #expect(result.examples == steps && result.score.correct == steps)
  }

  /// With many small steps ⟨w′⟩ = (A + γ)⁻¹ (γ w + A m) = 1.4, so that the gradient is
  /// γ (w − ⟨w′⟩) = .8; scoping makes γ grow with the step.
  @Test func longInnerLoopFindsTheMean() throws {
    let settings = LocalEntropySettings(
      steps: 400, rate: 0.05, gamma: 0.5 / 2.25, scoping: 0.5, noise: 0, momentum: 0,
      isScaled: true)
    let objective = LocalEntropy(Quadratic([2], [1]), settings)
    var gradient = WeightVector(count: 1)
    _ = try objective.valueAndGradient(
      at: WeightVector([3]), Array(repeating: 1, count: 400), Step(index: 2),
      gradient: &gradient)
    #expect(abs(gradient[0] - 0.8) < 1e-5)
  }

  /// Nesterov's momentum and the decay against the formula in Double; noise is a function of the
  /// step alone.
  @Test func innerMomentumDecayAndNoise() throws {
    var settings = LocalEntropySettings(
      steps: 3, rate: 0.1, gamma: 0.2, scoping: 0, noise: 0, momentum: 0.9, weightDecay: 0.3)
    func gradient(_ settings: LocalEntropySettings, index: Int) throws -> Double {
      let objective = LocalEntropy(Quadratic([2], [1]), settings)
      var gradient = WeightVector(count: 1)
      _ = try objective.valueAndGradient(
        at: WeightVector([3]), [1, 1, 1], Step(seed: 2, index: index), gradient: &gradient)
      return Double(gradient[0])
    }
    var (moving, mean, velocity) = (3.0, 3.0, 0.0)
    for _ in 0..<3 {
      let d = 2 * (moving - 1) + 0.3 * moving - 0.2 * (3 - moving)
      velocity = 0.9 * velocity + d
      moving -= 0.1 * (d + 0.9 * velocity)
      mean = 0.75 * mean + 0.25 * moving
    }
    #expect(abs(try gradient(settings, index: 0) - (3 - mean)) < 2e-6)
    settings.noise = 0.1
    #expect(try gradient(settings, index: 1) == gradient(settings, index: 1))
    #expect(try gradient(settings, index: 1) != gradient(settings, index: 2))
  }

  /// L = 0 leaves the objective as it is, and the rule is SGD with Nesterov's momentum to the bit.
  @Test func withoutInnerStepsItIsSGD() throws {
    let recipe = try OptimizerMethods.rules.parse("entropy-sgd:steps=0").make()
    #expect(recipe.decorator == nil)
    let request = OptimizerRequest(count: 50, weightDecay: 0.01)
    let rule = try recipe.make(request)
    let sgd = try SGD(count: 50, momentum: 0.9, weightDecay: 0.01, nesterov: true)
    var a = WeightVector((0..<50).map { Float($0) / 7 })
    var b = a.clone()
    for step in 0..<5 {
      rule.update(&a, gradient: a.clone(), Step(index: step, learningRate: 0.05))
      sgd.update(&b, gradient: b.clone(), Step(index: step, learningRate: 0.05))
    }
    #expect(a.elements == b.elements)
  }
}
