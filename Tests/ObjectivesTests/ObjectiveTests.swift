import Objectives
import Testing
import WeightSpace

/// ½ ‖w − b‖², to show that an objective is conformable without a class, and without statistics.
private struct Bowl: Objective {
  var parameterCount: Int { 2 }

  mutating func valueAndGradient(
    at weights: borrowing WeightVector, _ batch: [Float], _ step: Step,
    gradient: inout WeightVector
  ) throws -> BatchResult {
    gradient.copy(from: weights)
    gradient.subtract(WeightVector(batch))
    return BatchResult(loss: 0.5 * gradient.squaredNorm, examples: 1)
  }
}

@Test func objectiveGivesValueAndGradient() throws {
  var bowl = Bowl()
  var gradient = WeightVector(count: 2)
  let result = try bowl.valueAndGradient(
    at: WeightVector([3, 4]), [0, 0], Step(), gradient: &gradient)
  #expect(result.loss == 12.5)
  #expect(gradient.elements == [3, 4])
  var statistics = WeightVector([1])
  bowl.moveStatistics(&statistics)
  #expect(statistics[0] == 1)
}

/// Seven numbers, one in a batch.
private struct Numbers: BatchSource {
  var examples: Int { 7 }
  var stepsPerEpoch: Int { 7 }
  func emptyBatch() -> Int { -1 }
  mutating func load(step: Int, epoch: Int, into batch: inout Int) { batch = 10 * epoch + step }
}

@Test func groupsOfBatchesPassOverTheDataOnce() {
  var groups = BatchGroups(Numbers(), of: 3)
  #expect(groups.examples == 7 && groups.stepsPerEpoch == 3)
  var batch = groups.emptyBatch()
  var seen: [[Int]] = []
  for step in 0..<3 {
    groups.load(step: step, epoch: 2, into: &batch)
    seen.append(batch)
  }
  #expect(seen == [[20, 21, 22], [23, 24, 25], [26]])
}
