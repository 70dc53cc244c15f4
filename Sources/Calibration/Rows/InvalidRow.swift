/// A row that is no distribution, or whose target is no class of it.
public struct InvalidRow: Error, CustomStringConvertible, Sendable, Equatable {
  /// The row's number from 0, over all blocks.
  public let row: Int
  public let problem: String

  public init(row: Int, problem: String) {
    self.row = row
    self.problem = problem
  }

  init(row: Int, summary: RowSummary) {
    self.row = row
    if summary.sum.isNaN {
      problem = "a probability is NaN"
    } else if summary.smallest < 0 || summary.largest > 1 + ClassificationMeter.tolerance {
      let value = summary.smallest < 0 ? summary.smallest : summary.largest
      problem = "\(Float(value)) is not a probability (are these logits?)"
    } else {
      problem = "the probabilities sum to \(Float(summary.sum)), not to 1"
    }
  }

  public var description: String { "row \(row): \(problem)" }
}
