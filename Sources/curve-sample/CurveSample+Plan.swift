import Machine
import ToolSupport
import TrajectoryFiles

extension CurveSample {
  /// What this run would take.
  func planned(_ source: CurveSource, points: Int) -> RunPlan {
    var plan = RunPlan("copying")
    let input = source.points
    plan.read(input)
    plan.memory.add(
      AffineWriter.copyBytes(of: input, memory: memory.memory.bytes), "blocks of columns")
    // A row of coefficients is an array of its own.
    plan.memory.add(Double(points) * (56 + 24 * Double(input.count)), "points")
    plan.write(
      AffineWriter.size(
        layout: input.layout, components: input.count, snapshots: points, columns: 1,
        architecture: input.architecture, history: output.history(of: input.histories)))
    return plan
  }
}
