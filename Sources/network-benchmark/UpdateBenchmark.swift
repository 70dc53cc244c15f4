import Objectives
import Optimizers
import WeightSpace

/// The time of an update for each of several rules on `count` weights: a fused rule, the chain of its
/// parts, and the other methods, all in turns, so that what else the machine does meets all alike.
struct UpdateBenchmark {
  /// P.
  let count: Int
  let turns: Int
  let now: () -> Double

  /// A transform that does nothing: beside it a fused rule becomes a chain of its parts.
  private final class Idle: Transform {
    let factor: Float? = 1
  }

  /// Prints a row for each rule: its fastest update, in milliseconds and in updates of the fused SGD.
  func run() throws {
    let idle = TransformRecipe(stage: .gradient) { _ in Idle() }
    let rules: [(String, String, [TransformRecipe])] = [
      ("sgd", "sgd", []), ("sgd as a chain", "sgd", [idle]), ("adamw", "adamw", []),
      ("adamw as a chain", "adamw", [idle]), ("padam", "padam", []), ("sgld", "sgld", []),
      ("schedule-free", "schedule-free", []),
    ]
    let optimizers = try rules.map { _, text, transforms in
      try OptimizerMethods.rules.parse(text).make().make(
        OptimizerRequest(
          count: count, examples: 50_000, weightDecay: 5e-4,
          transforms: transforms))
    }
    var weights = WeightVector((0..<count).map { Float($0 % 251) / 1250 - 0.1 })
    let gradient = WeightVector((0..<count).map { Float($0 % 127) / 1e4 - 6e-3 })
    var best = [Double](repeating: .infinity, count: rules.count)
    for turn in 0..<(turns + 1) {
      for (k, optimizer) in optimizers.enumerated() {
        let begin = now()
        optimizer.update(
          &weights, gradient: gradient, Step(index: turn, learningRate: 1e-4, examples: 50_000))
        if turn > 0 { best[k] = min(best[k], now() - begin) }
      }
    }
    print("rule\tweights\tms\tin_sgd")
    for (rule, seconds) in zip(rules, best) {
      let milliseconds = Double(Int(seconds * 1e5)) / 100
      print("\(rule.0)\t\(count)\t\(milliseconds)\t\(Double(Int(seconds / best[0] * 1000)) / 1000)")
    }
  }
}
