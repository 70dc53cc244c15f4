import Prediction
import ToolSupport
import TrajectoryFiles
import WeightSpace

/// What nn-eval prints: a row for each snapshot, or each file's summary.
struct EvaluationTable {
  private let isClassification: Bool
  /// The columns of the snapshots' own numbers.
  private let names: [String]
  private let weightDecay: Double?
  private let isSummary: Bool
  private var report: Report
  private var summary: SnapshotSummary?

  /// - Throws: a usage error where a summary would have to be of curves and planes at once.
  init(
    _ readers: [TrajectoryReader], isClassification: Bool, summary: Bool, weightDecay: Double?,
    json: Bool
  ) throws {
    self.isClassification = isClassification
    self.weightDecay = weightDecay
    isSummary = summary
    var names: [String] = []
    for column in readers.flatMap(\.columns) where !names.contains(column.name) {
      names.append(column.name)
    }
    self.names = names
    if summary {
      let shapes = readers.map { SnapshotSummary.shape(of: $0) }
      guard let shape = shapes.first, shapes.allSatisfy({ $0 == shape }) else {
        throw usageError("--summary of curves and of planes are different tables; ask for each")
      }
      report = Report(columns: SnapshotSummary.columns(of: shape), json: json)
    } else {
      report = Report(
        columns: ["file", "index"] + names + ["loss", isClassification ? "accuracy" : "rmse"],
        json: json)
    }
  }

  mutating func begin(_ reader: TrajectoryReader) throws {
    guard isSummary else { return }
    summary = try SnapshotSummary(
      reader, measure: isClassification ? "error" : "rmse", weightDecay: weightDecay)
  }

  /// Takes the weights of the next snapshot.
  func visit(_ weights: borrowing WeightVector) { summary?.visit(weights) }

  /// Takes how snapshot `i` of the selection does.
  mutating func add(_ result: Evaluation, snapshot i: Int, of reader: TrajectoryReader) throws {
    if let summary {
      return summary.add(
        loss: result.loss,
        quality: isClassification ? 1 - result.accuracy : result.rootMeanSquaredError)
    }
    let columns = names.map { name in
      reader.columns.first { $0.name == name }.map { Report.Value.number($0.values[i]) } ?? .missing
    }
    try report.add(
      [.text(reader.name), .integer(reader.indices[i])] + columns
        + [
          .number(result.loss),
          .number(isClassification ? result.accuracy : result.rootMeanSquaredError),
        ])
  }

  mutating func end() throws {
    for row in summary?.rows() ?? [] { try report.add(row) }
  }

  mutating func finish() throws { try report.finish() }
}
