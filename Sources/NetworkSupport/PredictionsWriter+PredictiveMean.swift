import Datasets
import Prediction
import TrajectoryFiles

extension PredictionsWriter {
  /// Writes some rows of one member.
  public func write(_ rows: PredictiveMean.Rows, member: Int) throws {
    if case .classification = kind {
      try write(.probabilities, member: member, rows: rows.range, rows.values)
    } else {
      try write(.mean, member: member, rows: rows.range, rows.values)
      try write(.aleatoricVariance, member: member, rows: rows.range, rows.variances)
    }
  }

  /// Writes the averaged predictions and the targets.
  public func write(_ mean: PredictiveMean) throws {
    let all = 0..<mean.dataset.count
    switch mean.dataset.targets {
    case .classes(let classes):
      try write(.probabilities, rows: all, mean.probabilities)
      try writeTargets(classes: classes)
    case .values(let values, _):
      try write(.mean, rows: all, mean.mean)
      try write(.variance, rows: all, mean.variance)
      try write(.aleatoricVariance, rows: all, mean.aleatoricVariance)
      try write(.epistemicVariance, rows: all, mean.epistemicVariance)
      try writeTargets(values: values)
    }
  }
}
