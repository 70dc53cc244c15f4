/// Where the tensors of one layout lie in another: vectors of two files, or of a file and a
/// network, are matched by name and never by position.
public struct LayoutMap: Sendable {
  private let moves: [(from: Int, to: Int, count: Int)]
  private let sourceCount: Int
  private let targetCount: Int

  /// A map from `source` to `target`, which must hold the same tensors (see `firstDifference`).
  public init(from source: VectorLayout, to target: VectorLayout) {
    var moves: [(from: Int, to: Int, count: Int)] = []
    for slot in target.slots {
      guard let twin = source[slot.name], twin.count == slot.count else {
        preconditionFailure("the layouts differ at \(slot.name)")
      }
      if let last = moves.last, last.from + last.count == twin.range.lowerBound,
        last.to + last.count == slot.range.lowerBound
      {
        moves[moves.count - 1].count += slot.count
      } else {
        moves.append((twin.range.lowerBound, slot.range.lowerBound, slot.count))
      }
    }
    self.moves = moves
    sourceCount = source.count
    targetCount = target.count
  }

  /// Whether both layouts have the same order, so that vectors can be used as they are.
  public var isIdentity: Bool { moves.allSatisfy { $0.from == $0.to } }

  /// Copies every tensor to its place. Cost: O(count).
  public func copy(_ source: borrowing WeightVector, to target: inout WeightVector) {
    precondition(source.count == sourceCount && target.count == targetCount)
    for move in moves {
      source.withSpan(move.from..<(move.from + move.count)) { from in
        target.withMutableSpan(move.to..<(move.to + move.count)) { to in
          for i in 0..<move.count { to[i] = from[i] }
        }
      }
    }
  }
}
