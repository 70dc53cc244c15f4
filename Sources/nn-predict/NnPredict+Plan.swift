import Datasets
import Machine
import NetworkSupport
import ToolSupport
import TrajectoryFiles

extension NnPredict {
  /// What this run would take.
  func planned(_ run: PredictionRun) throws -> RunPlan {
    let dataset = run.dataset
    let readings = (dataset.count + run.rowsPerBlock - 1) / run.rowsPerBlock
    var plan = try predictionPlan(
      "predicting", run.files, dataset, batchSize: run.batchSize,
      use: mcDropout == nil ? .prediction : .sampling, draws: run.draws, readings: readings)
    let isRegression = if case .regression = run.kind { true } else { false }
    let numbers = Double(min(run.rowsPerBlock, dataset.count) * run.width)
    // Sums in Double, and a table of Floats at a time when they are written.
    plan.memory.add(numbers * (isRegression ? 3 * 8 + 4 : 8 + 4), "sums of rows")
    plan.write(
      PredictionsWriter.size(
        kind: run.kind, count: dataset.count, members: members ? run.memberCount : nil,
        hasTargets: dataset.isLabelled, classNames: run.classNames,
        history: output.history(of: run.files.map(\.reader.history) + [dataset.history])))
    return plan
  }
}
