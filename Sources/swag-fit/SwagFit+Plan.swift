import Machine
import Posteriors
import ToolSupport
import TrajectoryFiles

extension SwagFit {
  /// What this run would take.
  func planned(_ swag: SWAG, _ input: SnapshotSequence) -> RunPlan {
    var plan = RunPlan("fitting")
    let cost = swag.cost(memory: memory.memory.bytes)
    plan.read(input, passes: cost.passes)
    plan.memory.add(cost.bytes, "blocks of columns")
    plan.work += cost.seconds
    plan.write(
      TensorFileWriter.size(
        layout: input.layout, groups: [nil, nil, swag.rank], architecture: input.architecture,
        history: output.history(of: input.histories)))
    return plan
  }
}
