import Glibc
import Testing

@testable import Calibration

@Suite struct TemperatureTests {
  /// The objective over some logits.
  static func fit(_ logits: [[Double]], _ classes: [Int32]) throws -> TemperatureFit {
    let flat = Array(logits.joined())
    return try TemperatureFit { beta in
      var objective = TemperatureObjective(inverseTemperature: beta)
      try objective.add(logits: flat.span, classes: classes.span)
      return objective
    }
  }

  static func likelihood(_ logits: [[Double]], _ classes: [Int32], _ temperature: Double) -> Double
  {
    var sum = 0.0
    for (z, y) in zip(logits, classes) {
      let largest = z.max()! / temperature
      let total = z.reduce(0) { $0 + exp($1 / temperature - largest) }
      sum -= z[Int(y)] / temperature - largest - log(total)
    }
    return sum / Double(logits.count)
  }

  static func randomLogits(_ count: Int, scale: Double, noise: Double, seed: UInt64)
    -> ([[Double]], [Int32])
  {
    var generator = SplitMix(state: seed)
    var logits: [[Double]] = []
    var classes: [Int32] = []
    for _ in 0..<count {
      let y = Int32.random(in: 0..<5, using: &generator)
      classes.append(y)
      logits.append(
        (0..<5).map {
          scale * (($0 == Int(y) ? 1 : 0) + noise * Double.random(in: -1..<1, using: &generator))
        })
    }
    return (logits, classes)
  }

  @Test func derivativesAreThoseOfTheLikelihood() throws {
    let (logits, classes) = Self.randomLogits(40, scale: 3, noise: 1, seed: 1)
    let flat = Array(logits.joined())
    for beta in [0.2, 1, 3.7] {
      var objective = TemperatureObjective(inverseTemperature: beta)
      try objective.add(logits: flat.span, classes: classes.span)
      let value = { Self.likelihood(logits, classes, 1 / $0) }
      // Central differences: errors of h²/6 of the third derivative and of 10⁻¹⁶/h, 10⁻⁸/h².
      let h = 1e-4
      #expect(abs(objective.value - value(beta)) < 1e-13)
      #expect(abs(objective.derivative - (value(beta + h) - value(beta - h)) / (2 * h)) < 1e-6)
      let second = (value(beta + h) - 2 * value(beta) + value(beta - h)) / (h * h)
      #expect(abs(objective.secondDerivative - second) < 1e-5)
    }
  }

  /// A golden-section search down to 10⁻⁹ of ln T: at a minimum, likelihoods closer than their
  /// rounding 10⁻¹⁶ differ by (10⁻⁸)², so T is found to about 10⁻⁸ of itself at best.
  @Test(arguments: [(3.0, 1.0), (0.1, 1.0), (20.0, 0.6), (8.0, 2.0), (40.0, 0.52)])
  func agreesWithADenseSearch(scale: Double, noise: Double) throws {
    let (logits, classes) = Self.randomLogits(300, scale: scale, noise: noise, seed: 7)
    let fit = try Self.fit(logits, classes)
    #expect(fit.outcome == .minimum && fit.evaluations < 40)
    var (low, high) = (log(1e-3), log(1e3))
    let ratio = (5.0.squareRoot() - 1) / 2
    while high - low > 1e-9 {
      let (a, b) = (high - ratio * (high - low), low + ratio * (high - low))
      if Self.likelihood(logits, classes, exp(a)) < Self.likelihood(logits, classes, exp(b)) {
        high = b
      } else {
        low = a
      }
    }
    let found = exp((low + high) / 2)
    #expect(abs(fit.temperature / found - 1) < 1e-6, "\(fit.temperature) \(found)")
    // No point of a dense grid does better.
    for k in -3000...3000 {
      let value = Self.likelihood(logits, classes, exp(Double(k) * log(1e3) / 3000))
      #expect(fit.negativeLogLikelihood <= value + 1e-15)
    }
    #expect(fit.negativeLogLikelihoodBefore == (try Self.value(logits, classes, 1)))
  }

  static func value(_ logits: [[Double]], _ classes: [Int32], _ beta: Double) throws -> Double {
    let flat = Array(logits.joined())
    var objective = TemperatureObjective(inverseTemperature: beta)
    try objective.add(logits: flat.span, classes: classes.span)
    return objective.value
  }

  /// One of 300 rows is wrong by a hair: the minimum is far out, but there.
  @Test func nearlySeparable() throws {
    var (logits, classes) = Self.randomLogits(300, scale: 5, noise: 0.2, seed: 3)
    logits[17] = [0, 0, 1e-3, 0, -1]
    classes[17] = 0
    let fit = try Self.fit(logits, classes)
    #expect(fit.outcome == .minimum && fit.temperature < 0.2)
    var objective = TemperatureObjective(inverseTemperature: 1 / fit.temperature)
    try objective.add(logits: Array(logits.joined()).span, classes: classes.span)
    #expect(abs(objective.derivative) < 1e-12)
  }

  @Test func separableConstantAndOpposite() throws {
    let (logits, classes) = Self.randomLogits(100, scale: 2, noise: 0.2, seed: 3)
    let separable = try Self.fit(logits, classes)
    #expect(separable.outcome == .lowerBound && separable.temperature == 1e-3)
    #expect(separable.negativeLogLikelihood < 1e-12)
    let constant = try Self.fit(
      Array(repeating: [1.5, 1.5, 1.5], count: 10), Array(repeating: 1, count: 10))
    #expect(constant.outcome == .indifferent && constant.temperature == 1)
    let opposite = try Self.fit(logits.map { $0.map { -$0 } }, classes)
    #expect(opposite.outcome == .upperBound && opposite.temperature > 1e3)
    #expect(opposite.temperature / Self.spread(logits) - 1e3 < 1e-6)
    #expect(abs(opposite.negativeLogLikelihood - log(5)) < 0.01)
  }

  static func spread(_ logits: [[Double]]) -> Double {
    logits.reduce(0) { $0 + $1.max()! - $1.min()! } / Double(logits.count)
  }

  /// L(β z) at T has its minimum where L(z) has it at T / β.
  @Test(arguments: [1e-6, 1e-3, 1e3, 1e6])
  func logitsOnAnyScale(factor: Double) throws {
    let (logits, classes) = Self.randomLogits(300, scale: 2, noise: 1, seed: 5)
    let plain = try Self.fit(logits, classes)
    let scaled = try Self.fit(logits.map { $0.map { factor * $0 } }, classes)
    #expect(plain.outcome == .minimum && scaled.outcome == .minimum)
    #expect(abs(scaled.temperature / (factor * plain.temperature) - 1) < 1e-6)
  }

  /// Nothing is left of the loss at T = 1 already: separated, not indifferent.
  @Test func saturated() throws {
    let logits = (0..<12).map { n in (0..<4).map { $0 == n % 4 ? 1e4 : 0 } }
    let right = try Self.fit(logits, (0..<12).map { Int32($0 % 4) })
    #expect(right.outcome == .lowerBound && right.temperature == 1e-3)
    #expect(right.negativeLogLikelihood == 0)
    var classes = (0..<12).map { Int32($0 % 4) }
    classes[0] = 1
    let wrong = try Self.fit(logits, classes)
    #expect(wrong.outcome == .minimum && wrong.temperature > 1e3)
  }

  /// A class that is ruled out has no part in anything.
  @Test func classesThatAreRuledOut() throws {
    let (logits, classes) = Self.randomLogits(200, scale: 2, noise: 1, seed: 9)
    let plain = try Self.fit(logits, classes)
    let masked = try Self.fit(logits.map { $0 + [-.infinity] }, classes)
    #expect(masked.temperature == plain.temperature && masked.outcome == .minimum)
    #expect(throws: InvalidRow.self) { _ = try Self.fit([[0, -.infinity]], [1]) }
    #expect(throws: InvalidRow(row: 0, problem: "a logit is not finite")) {
      _ = try Self.fit([[-.infinity, -.infinity]], [1])
    }
  }

  /// ln Σ exp z − z_y where exp of it vanishes.
  @Test func lossesOfLogits() throws {
    var z: [Double] = [0, 800, 3, 1, 2, -.infinity]
    let classes: [Int32] = [0, 1, 2]
    var losses = [Double](repeating: 0, count: 3)
    var rows = z.mutableSpan
    var span = losses.mutableSpan
    try softmax(&rows, classCount: 2, classes: classes.span, losses: &span)
    #expect(losses[0] == 800 && abs(losses[1] - (2 + log(1 + exp(-2)))) < 1e-15)
    #expect(losses[2] == .infinity)
    var meter = ClassificationMeter(classCount: 2)
    try meter.add(
      probabilities: [0, 1, 1, 0].span, classes: [0, 0].span, losses: [800, 0].span)
    #expect(meter.report()!.negativeLogLikelihood == 400)
  }

  @Test func infiniteLogitsAreRefused() {
    #expect(throws: InvalidRow(row: 1, problem: "a logit is not finite")) {
      _ = try Self.fit([[1, 2], [.infinity, 0]], [0, 0])
    }
    #expect(throws: InvalidRow(row: 0, problem: "class 2 is not one of 0…1")) {
      _ = try Self.fit([[1, 2]], [2])
    }
  }

  @Test func rescaling() {
    var p: [Double] = [0.5, 0.25, 0.25, 1, 0, 0, 1e-300, 0, 1 - 1e-300]
    var span = p.mutableSpan
    rescale(&span, classCount: 3, inverseTemperature: 2)
    let expected = [4.0 / 6, 1.0 / 6, 1.0 / 6, 1, 0, 0, 0, 0, 1]
    for (a, b) in zip(p, expected) { #expect(abs(a - b) < 1e-12) }
    var half: [Double] = [0.81, 0.01, 0.18]
    var other = half.mutableSpan
    rescale(&other, classCount: 3, inverseTemperature: 0.5)
    let sum = 0.9 + 0.1 + 0.18.squareRoot()
    #expect(abs(half[0] - 0.9 / sum) < 1e-12 && abs(half[1] - 0.1 / sum) < 1e-12)
  }
}
