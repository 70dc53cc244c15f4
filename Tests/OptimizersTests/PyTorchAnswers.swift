import Objectives
import Optimizers
import Testing
import WeightSpace

/// What PyTorch 2.15 itself computes: eight updates on L = Σ ½ cᵢ (wᵢ − bᵢ)², four at rate 0.1 and
/// four at 0.02, with weight decay 0.01.
@Suite struct PyTorchAnswers {
  static let answers: [(kind: String, weights: [Float])] = [
    ("sgd", [0.641395986, -0.0427583195, -0.196762264, 2.42234445]),
    ("momentum", [0.124408215, 0.486985743, -0.582469046, 1.51219976]),
    ("nesterov", [0.055983413, 0.415439546, -0.437309653, 1.26148903]),
    ("adamw", [0.526402712, -0.0344755873, -0.20468086, 2.50887108]),
  ]

  func make(_ kind: String) throws -> any Optimizer {
    switch kind {
    case "sgd": try SGD(count: 4, weightDecay: 0.01)
    case "momentum": try SGD(count: 4, momentum: 0.9, weightDecay: 0.01)
    case "nesterov": try SGD(count: 4, momentum: 0.9, weightDecay: 0.01, nesterov: true)
    default: try AdamW(count: 4, weightDecay: 0.01)
    }
  }

  @Test(arguments: answers) func weights(kind: String, expected: [Float]) throws {
    let optimizer = try make(kind)
    let curvature: [Float] = [1, 2, 3, 0.5]
    let minimum: [Float] = [0.1, 0.2, -0.3, 0.4]
    var w = WeightVector([1, -0.5, 0.25, 3])
    for rate in [0.1, 0.1, 0.1, 0.1, 0.02, 0.02, 0.02, 0.02] {
      let gradient = WeightVector((0..<4).map { curvature[$0] * (w[$0] - minimum[$0]) })
      optimizer.update(&w, gradient: gradient, Objectives.Step(learningRate: rate))
    }
    // Eight updates, each with a few roundings of numbers up to 4.
    for i in 0..<4 { #expect(abs(w[i] - expected[i]) < 8 * 4 * 4 * Float.ulpOfOne) }
  }

  @Test func warmRestarts() throws {
    let schedule = try LearningRateSchedule(
      .cosine(period: 3, multiplier: 2, minimum: 0.001), initialRate: 0.1, epochs: 12)
    let expected = [
      0.1, 0.07525, 0.02575, 0.1, 0.093368257, 0.07525, 0.0505, 0.02575, 0.007631743, 0.1,
      0.098313328, 0.093368257,
    ]
    for (epoch, rate) in expected.enumerated() {
      let found = schedule.learningRate(epoch: epoch, step: 0, stepsPerEpoch: 10)
      #expect(abs(found - rate) < 1e-9)
    }
  }
}
