import Objectives
import Optimizers
import Testing
import WeightSpace

/// A transform that changes nothing: with it beside a rule, the rule is a chain of its parts.
private let idle = TransformRecipe(stage: .gradient) { _ in Idle() }
private final class Idle: Transform {}

@Suite struct ChainTests {
  /// The chain of parts has the bits of the fused rule, on lengths that are no multiples of a chunk.
  @Test(arguments: [
    ("sgd", 0.0, false), ("sgd", 0.9, false), ("sgd", 0.9, true), ("adamw", 0, false),
  ])
  func ofPartsIsTheFusedRule(name: String, momentum: Double, nesterov: Bool) throws {
    let count = 3 * chunkLength + 4097
    var request = OptimizerRequest(
      count: count, weightDecay: 5e-4, momentum: name == "sgd" ? momentum : nil,
      nesterov: nesterov)
    let recipe = try OptimizerMethods.rules.parse(name).make()
    let fused = try recipe.make(request)
    request.transforms = [idle]
    let chain = try recipe.make(request)
    #expect(!(fused is Chain) && chain is Chain)
    var a = WeightVector((0..<count).map { Float($0 * 37 % 101) / 50 - 1 })
    var b = a.clone()
    for step in 0..<4 {
      let g = WeightVector((0..<count).map { Float(($0 * 13 + step * 7) % 29) / 10 - 1.4 })
      let at = Step(index: step, learningRate: step < 2 ? 0.05 : 0.01)
      fused.update(&a, gradient: g, at)
      chain.update(&b, gradient: g, at)
    }
    #expect(a.elements == b.elements)
  }

  /// Vectors and numbers of all parts, put back, go on with the same bits.
  @Test(arguments: [
    "adam:amsgrad=true", "padam", "schedule-free", "schedule-free:adaptive=true", "sgld", "sgd",
  ])
  func goesOnFromItsState(_ name: String) throws {
    let count = 1000
    // Schedule-Free and Lookahead stand for averages both, and do not go together.
    let averages = name.hasPrefix("schedule-free")
    let request = OptimizerRequest(
      count: count, examples: 10, weightDecay: 0.01,
      transforms: try (["clip=3"] + (averages ? [] : ["lookahead:every=3"])).map {
        try OptimizerMethods.transforms.parse($0).make()
      })
    let recipe = try OptimizerMethods.rules.parse(name).make()
    if averages {
      var both = request
      both.transforms.append(try OptimizerMethods.transforms.parse("lookahead").make())
      let refused = both
      #expect(throws: HyperparameterError.self) { _ = try recipe.make(refused) }
    }
    func gradient(_ w: borrowing WeightVector) -> WeightVector {
      var g = w.clone()
      g.scale(by: 1.5)
      return g
    }
    let whole = try recipe.make(request)
    let resumed = try recipe.make(request)
    var w = WeightVector((0..<count).map { Float($0 % 17) / 8 - 1 })
    whole.start(at: w)
    for step in 0..<5 {
      whole.update(&w, gradient: gradient(w), Step(index: step, learningRate: 0.05, examples: 10))
    }
    for (new, old) in zip(resumed.vectors, whole.vectors) {
      #expect(new.name == old.name)
      new.values.copy(from: old.values)
    }
    resumed.numbers = whole.numbers
    var copy = w.clone()
    for step in 5..<11 {
      let at = Step(index: step, learningRate: 0.05, examples: 10)
      whole.update(&w, gradient: gradient(w), at)
      resumed.update(&copy, gradient: gradient(copy), at)
    }
    #expect(copy.elements == w.elements && resumed.numbers == whole.numbers)
    #expect(Set(whole.vectors.map(\.name)).count == whole.vectors.count)
  }

  /// A restart forgets everything: the rule is as if it were made at these weights.
  @Test func restart() throws {
    let request = OptimizerRequest(
      count: 3, transforms: [try OptimizerMethods.transforms.parse("lookahead").make()])
    let recipe = try OptimizerMethods.rules.parse("padam").make()
    let used = try recipe.make(request)
    var w = WeightVector([1, 2, 3])
    used.start(at: w)
    for step in 0..<7 {
      used.update(&w, gradient: WeightVector([1, -1, 2]), Step(index: step, learningRate: 0.1))
    }
    used.restart(at: w)
    let fresh = try recipe.make(request)
    fresh.start(at: w)
    for (a, b) in zip(used.vectors, fresh.vectors) {
      #expect(a.values.elements == b.values.elements)
    }
    #expect(used.numbers == fresh.numbers)
  }
}
