import Machine
import Posteriors
import ToolSupport
import TrajectoryFiles

extension SubspacePca {
  /// What this run would take.
  func planned(_ pca: SubspacePCA, _ input: SubspaceInput) -> RunPlan {
    var plan = RunPlan("finding components")
    let rows = input.rows
    let components = random ? rows.count : min(rank ?? 5, max(rows.count - 1, 1))
    let cost = pca.cost(components: components)
    plan.read(input.storedBytes, passes: 2)
    plan.memory.add(cost.memory)
    plan.work += cost.seconds
    plan.write(
      TensorFileWriter.size(
        layout: rows.layout, groups: [nil, components], architecture: input.architecture,
        history: output.history(of: input.histories), numbers: [components, components]))
    return plan
  }
}
