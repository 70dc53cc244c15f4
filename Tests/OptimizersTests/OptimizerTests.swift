import Objectives
import Optimizers
import Testing
import WeightSpace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The gradient of Σ ½ cᵢ (wᵢ − bᵢ)² with a different curvature and minimum for each element.
private func gradient(at w: borrowing WeightVector) -> WeightVector {
  WeightVector(
    w.elements.enumerated().map { i, w in (0.1 + Float(i % 13)) * (w - Float(i % 7) / 7) })
}

private func start(_ count: Int) -> WeightVector {
  WeightVector((0..<count).map { Float($0 * 37 % 101) / 50 - 1 })
}

private let steps = 12
private let lengths = [1, 7, 8, 9, 4097]

/// Rates that change, since the velocity must keep what it has.
private func rate(_ step: Int) -> Double { step < 6 ? 0.02 : 0.005 }

@Suite struct SGDTests {
  @Test(arguments: lengths, [(0.0, false), (0.9, false), (0.9, true)])
  func equalsPyTorchsRule(count: Int, rule: (momentum: Double, nesterov: Bool)) throws {
    let decay = 5e-4
    let sgd = try SGD(
      count: count, momentum: rule.momentum, weightDecay: decay, nesterov: rule.nesterov)
    var w = start(count)
    var twin = w.elements.map { Double($0) }
    var velocity = [Double](repeating: 0, count: count)
    for step in 0..<steps {
      // The rule is judged, not the gradient: both get the same one.
      let g = gradient(at: w)
      for i in 0..<count {
        var slope = Double(g[i]) + decay * twin[i]
        if rule.momentum > 0 {
          velocity[i] = step == 0 ? slope : rule.momentum * velocity[i] + slope
          slope = rule.nesterov ? slope + rule.momentum * velocity[i] : velocity[i]
        }
        twin[i] -= rate(step) * slope
      }
      sgd.update(&w, gradient: g, Objectives.Step(learningRate: rate(step)))
    }
    // Per step: rounding of w and of a move smaller than 4.
    let tolerance = Double(steps) * 8 * 0x1p-23
    for i in 0..<count { #expect(abs(Double(w[i]) - twin[i]) < tolerance) }
    #expect(sgd.updateCount == steps)
  }

  @Test func stateIsTheVelocity() throws {
    let sgd = try SGD(count: 1, momentum: 0.5)
    var w = WeightVector([1])
    sgd.update(&w, gradient: WeightVector([2]), Objectives.Step(learningRate: 0.1))
    sgd.update(&w, gradient: WeightVector([2]), Objectives.Step(learningRate: 0.1))
    #expect(sgd.vectors.map(\.name) == ["momentum"])
    #expect(sgd.vectors[0].values[0] == 3)
    #expect(try SGD(count: 1).vectors.isEmpty)
  }

  @Test func nonsenseIsRefused() {
    #expect(throws: HyperparameterError.self) { try SGD(count: 1, momentum: 1) }
    #expect(throws: HyperparameterError.self) { try SGD(count: 1, momentum: -0.1) }
    #expect(throws: HyperparameterError.self) { try SGD(count: 1, weightDecay: -1) }
    #expect(throws: HyperparameterError.self) { try SGD(count: 1, nesterov: true) }
  }
}

@Suite struct AdamWTests {
  @Test(arguments: lengths) func equalsPyTorchsRule(count: Int) throws {
    let decay = 0.05
    let adam = try AdamW(count: count, weightDecay: decay)
    var w = start(count)
    var twin = w.elements.map { Double($0) }
    var m = [Double](repeating: 0, count: count)
    var v = m
    for step in 0..<steps {
      let g = gradient(at: w)
      let t = Double(step + 1)
      for i in 0..<count {
        let slope = Double(g[i])
        twin[i] *= 1 - rate(step) * decay
        m[i] = 0.9 * m[i] + 0.1 * slope
        v[i] = 0.999 * v[i] + 0.001 * slope * slope
        let denominator = v[i].squareRoot() / (1 - pow(0.999, t)).squareRoot() + 1e-8
        twin[i] -= rate(step) / (1 - pow(0.9, t)) * m[i] / denominator
      }
      adam.update(&w, gradient: g, Objectives.Step(learningRate: rate(step)))
    }
    // A move is at most about the rate; β₂ as a Float differs by 3e-8, 1 − β₂ by 3e-5 of that.
    let tolerance = Double(steps) * (4 * 0x1p-23 + 0.02 * 1e-5)
    for i in 0..<count { #expect(abs(Double(w[i]) - twin[i]) < tolerance) }
  }

  @Test func firstMoveIsTheRate() throws {
    // With m = (1 − β₁) g and v = (1 − β₂) g² the corrections leave g/|g|, whatever the scale.
    let adam = try AdamW(count: 3, weightDecay: 0)
    var w = WeightVector(count: 3)
    adam.update(&w, gradient: WeightVector([1e-3, -5, 0]), Objectives.Step(learningRate: 0.01))
    #expect(abs(w[0] + 0.01) < 1e-6)
    #expect(abs(w[1] - 0.01) < 1e-6)
    #expect(w[2] == 0)
  }

  @Test func nonsenseIsRefused() {
    #expect(throws: HyperparameterError.self) { try AdamW(count: 1, beta1: 1) }
    #expect(throws: HyperparameterError.self) { try AdamW(count: 1, beta2: -1) }
    #expect(throws: HyperparameterError.self) { try AdamW(count: 1, epsilon: 0) }
    #expect(throws: HyperparameterError.self) { try AdamW(count: 1, weightDecay: .nan) }
  }
}

@Suite(.serialized) struct SameBits {
  static func make(_ kind: String, _ count: Int) throws -> any Optimizer {
    switch kind {
    case "sgd": try SGD(count: count, weightDecay: 1e-3)
    case "momentum": try SGD(count: count, momentum: 0.9, weightDecay: 1e-3)
    case "nesterov": try SGD(count: count, momentum: 0.9, weightDecay: 1e-3, nesterov: true)
    default: try AdamW(count: count)
    }
  }
  static let kinds = ["sgd", "momentum", "nesterov", "adamw"]

  @Test(arguments: kinds) func afterSavingAndRestoring(kind: String) throws {
    let count = 1000
    let whole = try Self.make(kind, count)
    var w = start(count)
    var resumed: (any Optimizer)?
    var copy = WeightVector(count: count)
    for step in 0..<steps {
      if step == 5 {
        let fresh = try Self.make(kind, count)
        fresh.updateCount = whole.updateCount
        for (new, old) in zip(fresh.vectors, whole.vectors) {
          #expect(new.name == old.name)
          new.values.copy(from: old.values)
        }
        copy = w.clone()
        resumed = fresh
      }
      whole.update(&w, gradient: gradient(at: w), Objectives.Step(learningRate: rate(step)))
      resumed?.update(
        &copy, gradient: gradient(at: copy), Objectives.Step(learningRate: rate(step)))
    }
    #expect(copy.elements == w.elements)
  }

  @Test(arguments: kinds) func forAnyNumberOfThreads(kind: String) throws {
    let count = 5 * chunkLength + 77
    let before = Parallelism.threadCount
    defer { Parallelism.threadCount = before }
    var results: [[Float]] = []
    for threads in [1, 2, 5] {
      Parallelism.threadCount = threads
      let optimizer = try Self.make(kind, count)
      var w = start(count)
      for step in 0..<3 {
        optimizer.update(&w, gradient: gradient(at: w), Objectives.Step(learningRate: rate(step)))
      }
      results.append(w.elements)
    }
    #expect(results[1] == results[0] && results[2] == results[0])
  }
}
