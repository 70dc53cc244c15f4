import Objectives
import WeightSpace

/// The weights that training stands for: an average of the run where one is chosen, the rule's own
/// solution where it has one (Schedule-Free, Lookahead), and else the live weights.
///
/// Running statistics of training belong to the live weights alone; with the others none are given.
public final class Solution {
  private let average: (any OnlineAverage)?
  private let keepsStatistics: Bool
  private var scratch = WeightVector(count: 0)
  private let none = WeightVector(count: 0)

  /// - Parameters:
  ///   - average: what to take instead of the weights.
  ///   - keepsStatistics: false where the objective leaves those of other weights.
  public init(average: (any OnlineAverage)? = nil, keepsStatistics: Bool = true) {
    self.average = average
    self.keepsStatistics = keepsStatistics
  }

  /// Whether the statistics of training go with it.
  public func hasStatistics(_ loop: any TrainingLoop) -> Bool {
    keepsStatistics && average == nil && !loop.optimizer.hasSolution && loop.state.hasStatistics
  }

  /// Calls `body` with weights and statistics; the latter are empty where they do not belong.
  public func read(
    _ loop: any TrainingLoop,
    _ body: (borrowing WeightVector, borrowing WeightVector) throws -> Void
  ) throws {
    let state = loop.state
    if let average, average.count > 0 {
      try body(average.average.values, none)
    } else if average == nil, loop.optimizer.hasSolution {
      if scratch.count != state.weights.count { scratch = WeightVector(count: state.weights.count) }
      loop.optimizer.writeSolution(of: state.weights, into: &scratch)
      try body(scratch, none)
    } else if hasStatistics(loop) {
      try body(state.weights, state.buffers)
    } else {
      try body(state.weights, none)
    }
  }

  func snapshotTaken() { average?.snapshotTaken() }
}
