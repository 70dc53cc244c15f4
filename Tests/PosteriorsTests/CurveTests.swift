import NeuralNetworks
import Objectives
import Posteriors
import Testing
import WeightSpace

@testable import Randomness

@Suite struct CurveTests {
  /// The published values at t = ¼ and ½.
  @Test func knownCoefficients() {
    #expect(WeightCurve(.bezier, pointCount: 3).coefficients(at: 0.25) == [0.5625, 0.375, 0.0625])
    let chain = WeightCurve(.polychain, pointCount: 3)
    #expect(chain.coefficients(at: 0.25) == [0.5, 0.5, 0])
    #expect(chain.coefficients(at: 0.5) == [0, 1, 0])
    #expect(WeightCurve(.bezier, pointCount: 2).coefficients(at: 0.25) == [0.75, 0.25])
    #expect(
      WeightCurve(.bezier, pointCount: 4).coefficients(at: 0.5) == [0.125, 0.375, 0.375, 0.125])
  }

  /// The ends are exact, and all coefficients are a partition of unity, each at most a few roundings
  /// of n products away: n² ulp.
  @Test(arguments: WeightCurve.Shape.allCases)
  func partitionOfUnity(_ shape: WeightCurve.Shape) {
    for n in [2, 3, 4, 7, 30] {
      let curve = WeightCurve(shape, pointCount: n)
      var first = [Double](repeating: 0, count: n)
      first[0] = 1
      #expect(curve.coefficients(at: 0) == first)
      #expect(curve.coefficients(at: 1) == first.reversed())
      for t in WeightCurve.equidistant(17) {
        let c = curve.coefficients(at: t)
        #expect(c.allSatisfy { $0 >= 0 })
        #expect(abs(c.reduce(0, +) - 1) < Double(n * n) * .ulpOfOne)
        // Bézier curves and chains with equidistant points both reproduce straight lines.
        let mean = c.enumerated().reduce(0.0) { $0 + Double($1.offset) * $1.element }
        #expect(abs(mean / Double(n - 1) - t) < Double(n * n) * .ulpOfOne)
      }
    }
  }

  /// Random positions: a function of seed and place, within [0, 1), with the moments of a uniform
  /// variate. The standard error of the mean of 10⁴ is 0.0029, that of the variance 0.00075; five of
  /// them are allowed.
  @Test func randomPositions() {
    let draws = (0..<10_000).map { WeightCurve.ofStep(UInt64($0), seed: 3) }
    #expect(draws.allSatisfy { (0..<1).contains($0) })
    let mean = draws.reduce(0, +) / 10_000
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 10_000
    #expect(abs(mean - 0.5) < 0.0145 && abs(variance - 1 / 12.0) < 0.0038)
    #expect(WeightCurve.ofStep(7, seed: 3) == draws[7])
    #expect(WeightCurve.ofStep(7, seed: 4) != draws[7])
    let sample = WeightCurve.uniform(100, seed: 3)
    #expect(sample == sample.sorted() && Set(sample).count == 100)
    #expect(Set(sample).isSuperset(of: WeightCurve.uniform(40, seed: 3)))
  }

  /// ½ Σ aᵢ (wᵢ − mᵢ)² with the gradient a (w − m): everything about a curve over it is known.
  struct Bowl: Objective {
    let a: [Float]
    let m: [Float]
    var parameterCount: Int { a.count }

    mutating func valueAndGradient(
      at weights: borrowing WeightVector, _ batch: Float, _ step: Step,
      gradient: inout WeightVector
    ) throws -> BatchResult {
      var value = 0.0
      for i in 0..<weights.count {
        gradient[i] = batch * a[i] * (weights[i] - m[i])
        value += 0.5 * Double(batch * a[i]) * Double(weights[i] - m[i]) * Double(weights[i] - m[i])
      }
      return BatchResult(loss: value, examples: 1)
    }
  }

  static func row(_ seed: Int, _ count: Int) -> [Float] {
    var stream = RandomStream(seed: 11, stream: UInt64(seed))
    return (0..<count).map { _ in stream.normal() }
  }

  /// Value and gradients by the definition in Double, on lengths that are no multiples of a chunk;
  /// each element is a handful of Float operations on numbers of the order 1: 1e-5.
  @Test(arguments: [(1, 5), (1, 9000), (2, 1), (3, 4097), (5, 17)])
  func againstTheDefinition(_ bends: Int, _ count: Int) throws {
    let rows = (0..<(bends + 2)).map { Self.row($0, count) }
    let bowl = Bowl(a: Self.row(90, count).map { abs($0) }, m: Self.row(91, count))
    for (shape, t) in [(WeightCurve.Shape.bezier, 0.3), (.polychain, 0.7), (.bezier, 0)] {
      let curve = WeightCurve(shape, pointCount: bends + 2)
      let objective = CurveObjective(
        bowl, curve: curve, ends: WeightVector(rows[0] + rows[bends + 1]), weightDecay: 0.02)
      // What stood in the gradient before must not matter.
      var gradient = WeightVector([Float](repeating: .nan, count: bends * count))
      let weights = WeightVector(Array(rows[1...bends].joined()))
      let value = try objective.valueAndGradient(
        at: weights, t: t, 2, Step(), gradient: &gradient
      ).loss

      let c = curve.coefficients(at: t)
      var expected = 0.0
      var worst = 0.0
      for i in 0..<count {
        var w = 0.0
        for k in 0..<(bends + 2) { w += c[k] * Double(rows[k][i]) }
        let a = 2 * Double(bowl.a[i])
        let offset = w - Double(bowl.m[i])
        expected += 0.5 * a * offset * offset + 0.5 * 0.02 * w * w
        for k in 0..<bends {
          let slope = c[k + 1] * (a * offset + 0.02 * w)
          worst = max(worst, abs(slope - Double(gradient[k * count + i])))
        }
      }
      #expect(worst < 1e-5)
      #expect(abs(value - expected) < 1e-5 * expected)
    }
  }

  /// At 0 and 1 the point is the end to the last bit, whatever the bends; the bends start at equal
  /// distances on the straight line.
  @Test func endsAndStart() {
    let (a, b) = (Self.row(1, 100), Self.row(2, 100))
    for bends in 1...3 {
      let objective = CurveObjective(
        Bowl(a: a, m: b), curve: WeightCurve(.bezier, pointCount: bends + 2),
        ends: WeightVector(a + b), weightDecay: 0)
      let start = objective.straightBends()
      for k in 0..<bends {
        let t = Float(k + 1) / Float(bends + 1)
        for i in 0..<100 {
          #expect(abs(start[k * 100 + i] - ((1 - t) * a[i] + t * b[i])) < 1e-6)
        }
      }
      let wild = WeightVector([Float](repeating: 1e30, count: bends * 100))
      var point = WeightVector(count: 100)
      objective.point(at: 0, bends: wild, into: &point)
      #expect(point.elements == a)
      objective.point(at: 1, bends: wild, into: &point)
      #expect(point.elements == b)
    }
  }

  /// On a network, the derivative along a random direction of each bend against the central
  /// difference of the value. With steps of 1e-2 along unit vectors the truncation is of the order
  /// h² = 1e-4 times a third derivative below 1 and the rounding of the order 1e-7 / h = 1e-5.
  @Test(arguments: [1, 2])
  func gradientOfEachBendIsTheCentralDifference(_ bends: Int) throws {
    let network = try Network(
      Architecture(
        json: """
          {"name": "small", "input": [2, 5, 5], "outputs": 3, "layers": [
            {"name": "c", "type": "convolution", "outputs": 4, "kernel": 3, "padding": 1},
            {"name": "n", "type": "batch-norm"}, {"name": "t", "type": "tanh"},
            {"name": "f", "type": "flatten"}, {"name": "d", "type": "dense", "outputs": 3}]}
          """))
    let count = network.parameterCount
    var ends = WeightVector(count: 2 * count)
    ends.copy(row: 0, from: network.initialWeights(seed: 1))
    ends.copy(row: 1, from: network.initialWeights(seed: 2))
    let objective = CurveObjective(
      try NetworkObjective(network, loss: .crossEntropy),
      curve: WeightCurve(.bezier, pointCount: bends + 2), ends: ends, weightDecay: 0.01)
    var weights = objective.straightBends()
    weights.add(scaled: 0.1, WeightVector(Self.row(5, bends * count)))
    let batch = NetworkBatch(
      inputs: Self.row(6, 6 * 50), targets: .classes([0, 1, 2, 1, 0, 2]), count: 6)
    var gradient = WeightVector(count: bends * count)
    var unused = WeightVector(count: bends * count)
    _ = try objective.valueAndGradient(at: weights, t: 0.35, batch, Step(), gradient: &gradient)
    for bend in 0..<bends {
      for seed in 0..<4 {
        var direction = WeightVector(count: bends * count)
        direction.copy(row: bend, from: WeightVector(Self.row(20 + seed, count)))
        direction.scale(by: Float(1 / direction.norm))
        func value(_ step: Float) throws -> Double {
          var moved = weights.clone()
          moved.add(scaled: step, direction)
          return try objective.valueAndGradient(
            at: moved, t: 0.35, batch, Step(), gradient: &unused
          ).loss
        }
        let difference = try (value(1e-2) - value(-1e-2)) / 2e-2
        let derivative = gradient.dot(direction)
        #expect(
          abs(difference - derivative) < 5e-4,
          "bend \(bend): \(derivative), but the difference is \(difference)")
      }
    }
  }
}
