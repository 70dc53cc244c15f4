import Machine
import ToolSupport
import TrajectoryFiles
import WeightSpace

extension SwaAvg {
  /// What this run would take.
  func planned(
    _ input: SnapshotSequence, _ averages: AveragePlan, _ history: [String]?
  ) throws -> RunPlan {
    var plan = RunPlan("averaging")
    let cost = WeightAverage(of: input, averages, into: .floats { _, _, _ in })
      .cost(memory: memory.memory.bytes)
    plan.read(input)
    plan.memory.add(cost.bytes, "blocks of columns")
    plan.work += cost.seconds
    if let format = try format.format(of: output) {
      plan.write(
        try StateDictWriter.size(
          to: output.target.path, format: format,
          contents: self.format.contents(
            of: input, statistics: false, format: format, history: history)))
    } else {
      let columns = ["step", "epoch"].count { input.number($0, of: 0) != nil }
      plan.write(
        TrajectoryWriter.size(
          layout: input.layout, architecture: input.architecture, history: history,
          columns: columns + 1, carried: input.carried,
          snapshots: averages.outputs.count))
    }
    return plan
  }
}
