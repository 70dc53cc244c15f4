import Objectives
import Optimizers
import Testing
import WeightSpace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs a rule on given gradients from w = 1 and returns the weights after each update.
///
/// Everything is of the order 1 in Float: a handful of roundings a step, 1e-6 in all.
private let tolerance = 1e-6

private func path(
  _ optimizer: any Optimizer, _ gradients: [Float], rate: Double, examples: Int = 1
) -> [Double] {
  var w = WeightVector([1])
  optimizer.start(at: w)
  return gradients.enumerated().map { index, g in
    optimizer.update(
      &w, gradient: WeightVector([g]),
      Step(seed: 1, index: index, learningRate: rate, examples: examples))
    return Double(w[0])
  }
}

/// Gradient descent on ½ a w² from w = 1; what the rule stands for after each update.
private func descent(
  _ optimizer: any Optimizer, curvature a: Float = 1, steps: Int, rate: Double
) -> [(w: Double, solution: Double)] {
  var w = WeightVector([1])
  var solution = WeightVector([0])
  optimizer.start(at: w)
  return (0..<steps).map { index in
    optimizer.update(
      &w, gradient: WeightVector([a * w[0]]), Step(index: index, learningRate: rate))
    optimizer.writeSolution(of: w, into: &solution)
    return (Double(w[0]), Double(solution[0]))
  }
}

private func made(
  _ text: String, weightDecay: Double = 0, momentum: Double? = nil, nesterov: Bool = false,
  transforms: [String] = [], count: Int = 1, examples: Int = 1
) throws -> any Optimizer {
  let request = OptimizerRequest(
    count: count, examples: examples, weightDecay: weightDecay, momentum: momentum,
    nesterov: nesterov,
    transforms: try transforms.map { try OptimizerMethods.transforms.parse($0).make() })
  return try OptimizerMethods.rules.parse(text).make().make(request)
}

private func expectClose(_ found: [Double], _ expected: [Double], _ tolerance: Double = tolerance) {
  #expect(found.count == expected.count)
  for (a, b) in zip(found, expected) { #expect(abs(a - b) < tolerance, "\(a), not \(b)") }
}

/// Paths computed once in float64 from the published formulas.
@Suite struct AdamFamilyTests {
  static let gradients: [Float] = [1, -2, 0.5, 3]

  @Test(arguments: [
    (0.5, [0.9000000316, 0.9366103791, 0.9502794436, 0.9108694574]),
    (0.25, [0.9822172087, 0.9919519557, 0.9956303180, 0.9820166762]),
    (0.125, [0.9925010585, 0.9975208430, 0.9994289924, 0.9914277332]),
  ])
  func padamWithAMSGrad(power: Double, expected: [Double]) throws {
    let rule = try made("padam:partial=\(power)")
    expectClose(path(rule, Self.gradients, rate: 0.1), expected)
  }

  @Test func padamsDecayIsDecoupled() throws {
    let rule = try made("padam", weightDecay: 0.05)
    expectClose(
      path(rule, Self.gradients, rate: 0.1),
      [0.9875010585, 0.9875833377, 0.9845535704, 0.9716295434])
  }

  @Test func adamWInThePublishedForm() throws {
    let rule = try made("padam:partial=0.5,amsgrad=false", weightDecay: 0.1)
    expectClose(
      path(rule, Self.gradients, rate: 0.1),
      [0.8900000316, 0.9177103788, 0.9222023395, 0.8735703299])
  }

  /// A power without a shortcut lies between its neighbours and agrees with the definition at the
  /// first step: η √.001/.1 · .1 / (√.001 + ε)²ᵖ.
  @Test func anyPower() throws {
    let rule = try made("padam:partial=0.2")
    let moved = 1 - path(rule, [1], rate: 0.1)[0]
    let root = 0.001.squareRoot()
    let expected = 0.1 * root / pow(root, 0.4)
    #expect(abs(moved - expected) < tolerance)
  }

  /// With AMSGrad the denominator never falls; without, its square falls by .9 a step, so that from
  /// 20 steps after a large gradient on its root is below √.9²⁰ = .35 of what it was.
  @Test func amsgradRemembersTheLargest() throws {
    let gradients: [Float] = [100] + Array(repeating: 0.01, count: 50)
    let with = path(try made("adam:amsgrad=true,beta2=0.9"), gradients, rate: 0.01)
    let without = path(try made("adam:beta2=0.9"), gradients, rate: 0.01)
    let tail = { (w: [Double]) in abs(w[50] - w[30]) }
    #expect(tail(with) < 0.35 * tail(without))
  }

  /// L2 enters the gradient: with λ = .1 at w = 1 and g = 0 the first step is the whole rate.
  @Test func adamsDecayIsCoupled() throws {
    let moved = path(try made("adam", weightDecay: 0.1), [0], rate: 0.01)
    expectClose(moved, [0.99])
  }
}

@Suite struct LookaheadTests {
  @Test func goldenDescent() throws {
    let rule = try made(
      "sgd", momentum: 0, transforms: ["lookahead:every=5,fraction=0.5"])
    let points = descent(rule, steps: 10, rate: 0.1)
    expectClose([points[4].w, points[9].w], [0.795245, 0.6324146100])
    // Between two moves the method still stands for the slow weights.
    #expect(rule.hasSolution && points[3].solution == 1 && points[6].solution == points[4].w)
  }

  @Test func fractionOneIsTheRuleItself() throws {
    let plain = descent(try made("sgd", momentum: 0.9), steps: 12, rate: 0.1)
    let rule = try made("sgd", momentum: 0.9, transforms: ["lookahead:every=1,fraction=1"])
    let with = descent(rule, steps: 12, rate: 0.1)
    #expect(plain.map(\.w) == with.map(\.solution))
  }
}

@Suite struct ScheduleFreeTests {
  @Test func goldenDescent() throws {
    let rule = try made("schedule-free")
    let points = descent(rule, steps: 4, rate: 0.5)
    expectClose(points.map(\.solution), [0.5, 0.375, 0.2729166667, 0.1903125])
    expectClose(points.map(\.w), [0.5, 0.3625, 0.2525, 0.16553125])
    expectClose([Double(rule.vectors[0].values[0])], [-0.0575])
  }

  /// The published recursion in three vectors, in Double, with a warm-up and a decay.
  @Test(arguments: [(0.9, 0.0), (0.6, 2.0)])
  func againstTheDefinition(beta: Double, power: Double) throws {
    let rule = try made(
      "schedule-free:beta=\(beta),power=\(power)", weightDecay: 0.05, count: 2)
    var w = WeightVector([1, -0.5])
    rule.start(at: w)
    var solution = WeightVector(count: 2)
    var (x, z) = ([1.0, -0.5], [1.0, -0.5])
    var sum = 0.0
    var largest = 0.0
    for t in 1...20 {
      let rate = 0.3 * min(1, Double(t) / 8)
      let y = (0..<2).map { (1 - beta) * z[$0] + beta * x[$0] }
      for i in 0..<2 { #expect(abs(Double(w[i]) - y[i]) < 20 * 2e-7) }
      let g = [2 * w[0], 0.5 * w[1]]
      rule.update(&w, gradient: WeightVector(g), Step(index: t - 1, learningRate: rate))
      largest = max(largest, rate)
      var weight = largest * largest
      for _ in 0..<Int(power) { weight *= Double(t) }
      sum += weight
      for i in 0..<2 {
        z[i] -= rate * (Double(g[i]) + 0.05 * y[i])
        x[i] += weight / sum * (z[i] - x[i])
      }
      rule.writeSolution(of: w, into: &solution)
      // x is y − z scaled up by 1/β: a few roundings of numbers of the order 1 a step.
      for i in 0..<2 { #expect(abs(Double(solution[i]) - x[i]) < 40 * 2e-7) }
    }
  }

  /// Adam's denominator alone: the first step is γ g/|g|, and the decay is beside it.
  @Test func adaptive() throws {
    let rule = try made("schedule-free:adaptive=true", weightDecay: 0.1)
    var w = WeightVector([1])
    rule.start(at: w)
    rule.update(&w, gradient: WeightVector([5]), Step(learningRate: 0.01))
    #expect(abs(Double(rule.vectors.last!.values[0]) - (1 - 0.01 - 0.01 * 0.1)) < tolerance)
  }
}

@Suite struct ClippingTests {
  /// c/(‖g‖ + 10⁻⁶) for longer gradients, nothing for shorter ones; the decay is not clipped.
  @Test func goldenStep() throws {
    let rule = try made("sgd", weightDecay: 0.1, momentum: 0, transforms: ["clip=1"], count: 2)
    var w = WeightVector([1, 1])
    rule.update(&w, gradient: WeightVector([3, 4]), Step(learningRate: 0.1))
    expectClose([Double(w[0]), Double(w[1])], [1 - 0.1 * (0.6 + 0.1), 1 - 0.1 * (0.8 + 0.1)])
    rule.update(&w, gradient: WeightVector([0.3, 0.4]), Step(learningRate: 0.1))
    expectClose([Double(w[0])], [0.93 - 0.1 * (0.3 + 0.093)])
  }
}

@Suite struct SGLDTests {
  /// w ← w − η g + √(2 η T/N) z: what is left after the descent are standard normal variates, those
  /// of an element, a step and a seed its own. Means and variances of 20 000 within five standard
  /// errors, 1/√n and √(2/n).
  @Test func noiseOfAStep() throws {
    let (n, rate, examples) = (20_000, 0.01, 100)
    func variates(seed: UInt64, index: Int) throws -> [Double] {
      let rule = try made("sgld:temperature=4", count: n, examples: examples)
      var w = WeightVector(Array(repeating: 1, count: n))
      rule.update(
        &w, gradient: WeightVector(Array(repeating: 2, count: n)),
        Step(seed: seed, index: index, learningRate: rate, examples: examples))
      let scale = (2 * rate * 4 / Double(examples)).squareRoot()
      return w.elements.map { (Double($0) - (1 - rate * 2)) / scale }
    }
    let first = try variates(seed: 3, index: 0)
    let size = Double(n)
    let mean = first.reduce(0, +) / size
    let square = first.reduce(0) { $0 + $1 * $1 } / size
    #expect(abs(mean) < 5 / size.squareRoot())
    #expect(abs(square - 1) < 5 * (2 / size).squareRoot())
    for (seed, index) in [(3, 1), (4, 0)] as [(UInt64, Int)] {
      let other = try variates(seed: seed, index: index)
      let product = zip(first, other).reduce(0) { $0 + $1.0 * $1.1 } / size
      #expect(abs(product) < 5 / size.squareRoot())
    }
    #expect(try variates(seed: 3, index: 0) == first)
  }

  /// On ½ a w² the chain has variance T/(N a (1 − η a/2)), and with gradient noise of variance v
  /// η² v/(1 − (1 − η a)²) more. Many independent coordinates for 300 steps (the start is forgotten:
  /// .8³⁰⁰): a variance from n coordinates at k nearly independent times has the relative standard
  /// error √(2/(n k)); five of them are allowed.
  @Test(arguments: [0.0, 0.3]) func discreteVariance(_ noise: Double) throws {
    let (a, rate, examples, n) = (2.0, 0.1, 50, 20_000)
    let rule = try made("sgld", count: n, examples: examples)
    let shaker = LangevinNoise(temperature: 1)
    let shake = Chain([shaker])
    var w = WeightVector(count: n)
    var sum = 0.0
    var count = 0
    for index in 0..<300 {
      var g = w.clone()
      g.scale(by: Float(a))
      // √(2 η T/N) = √noise with η = noise/2, N = 1: independent of the rule's own variates.
      if noise > 0 {
        shake.update(
          &g, gradient: WeightVector(count: n),
          Step(seed: 99, index: index, learningRate: noise / 2, examples: 1))
      }
      rule.update(
        &w, gradient: g, Step(seed: 5, index: index, learningRate: rate, examples: examples))
      // Every 10 steps the correlation is .8¹⁰ = .11.
      if index >= 100 && index % 10 == 0 {
        sum += w.squaredNorm
        count += n
      }
    }
    let expected =
      1 / (Double(examples) * a * (1 - rate * a / 2))
      + rate * rate * noise / (1 - (1 - rate * a) * (1 - rate * a))
    #expect(abs(expected - (noise > 0 ? 0.0194444444 : 0.0111111111)) < 1e-9)
    let error = 5 * (2 / Double(count)).squareRoot() * 1.1
    #expect(abs(sum / Double(count) / expected - 1) < error)
  }

  /// A prior of standard deviation s is a decay of 1/(N s²), and T = 0 is descent.
  @Test func priorAndZeroTemperature() throws {
    let cold = try made("sgld:temperature=0,prior-std=0.5", weightDecay: 7, examples: 100)
    let plain = try made("sgd", weightDecay: 1 / (100 * 0.25), momentum: 0)
    let gradients: [Float] = [1, -2, 0.5]
    #expect(
      path(cold, gradients, rate: 0.1, examples: 100)
        == path(plain, gradients, rate: 0.1, examples: 100))
    #expect(try OptimizerMethods.rules.parse("sgld:prior-std=1").make().replacesDecay)
  }

  @Test func noiseFromAnEpochOn() throws {
    let rule = try made("sgld:noise-from=3")
    var w = WeightVector([0])
    rule.update(&w, gradient: WeightVector([0]), Step(epoch: 1, learningRate: 0.1))
    #expect(w[0] == 0)
    rule.update(&w, gradient: WeightVector([0]), Step(index: 1, epoch: 2, learningRate: 0.1))
    #expect(w[0] != 0)
  }
}
