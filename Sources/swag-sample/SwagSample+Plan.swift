import Machine
import Posteriors
import ToolSupport
import TrajectoryFiles

extension SwagSample {
  /// What this run would take.
  func planned(_ sampling: MixtureDraws, _ components: [PosteriorFile]) -> RunPlan {
    var plan = RunPlan("sampling")
    let layout = components[0].reader.layout
    let cost = sampling.cost(memory: memory.memory.bytes)
    plan.read(
      components.reduce(0) { $0 + 4 * Double(layout.count) * Double($1.gaussian.rank + 2) })
    plan.memory.add(cost.blocks, "blocks of columns")
    plan.memory.add(cost.numbers, "coefficients and densities")
    plan.work += cost.seconds
    plan.write(
      TrajectoryWriter.size(
        layout: layout, architecture: components.lazy.compactMap(\.reader.architecture).first,
        history: output.history(of: components.map(\.reader.history)),
        columns: 1 + (components.count > 1 ? 1 : 0) + (logDensity ? 1 : 0), snapshots: samples))
    return plan
  }
}
