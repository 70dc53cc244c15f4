import Machine
import Posteriors
import ToolSupport
import TrajectoryFiles

extension PlaneSample {
  /// What this run would take.
  func planned(_ base: SnapshotSequence, _ projected: [TrajectoryReader]) throws -> RunPlan {
    var plan = RunPlan("laying a plane")
    let rows = at == nil ? 3 : line ? 2 : 3
    let writes = project.isEmpty || output.output != nil
    let projections = projected.reduce(0) { $0 + $1.snapshotCount }
    // One pass to find the plane, one to write it, one for each projection.
    plan.read(base, passes: Double(1 + (writes ? 1 : 0) + projections))
    for reader in projected { plan.read(try SnapshotSequence([reader])) }
    plan.memory.add(
      base.planeBytes(memory: memory.memory.bytes, rows: rows + 1), "blocks of columns")
    guard writes else { return plan }
    let points = line ? grid : grid * grid
    plan.memory.add(Double(points) * (80 + 20 * Double(rows)), "points")
    plan.write(
      AffineWriter.size(
        layout: base.layout, components: at == nil ? 3 : line ? 1 : 2, snapshots: points,
        columns: line ? 1 : 2, architecture: base.architecture,
        history: output.history(of: base.histories)))
    return plan
  }
}
