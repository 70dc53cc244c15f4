/// Rows by ascending confidence, for what depends on their order: bins of equal mass, the published
/// bins, and risk against coverage.
///
/// Rows of one confidence are alike and are met as one group, so nothing depends on the order in
/// which they came. Memory: 4 bytes a row; sorting costs O(N log N), each walk O(N).
struct ConfidenceOrder: Sendable {
  private let order: [UInt32]

  /// - Precondition: fewer than 2³² rows.
  init(_ confidences: [Double]) {
    precondition(confidences.count < 1 << 32, "too many rows to be sorted")
    var order = (0..<UInt32(confidences.count)).map { $0 }
    let values = confidences.span
    order.sort { values[Int($0)] < values[Int($1)] }
    self.order = order
  }

  /// Some rows of one confidence.
  struct Group {
    var confidence: Double
    var count: Int
    var correct: Int
  }

  /// Calls `body` with every group of rows, from the least confidence up or from the largest down.
  ///
  /// - Parameter counts: how often each row counts; once where it is empty.
  @inline(__always)
  func forEachGroup(
    of rows: RowScores, counts: Span<UInt8>, descending: Bool = false, _ body: (Group) -> Void
  ) {
    let confidences = rows.confidences.span
    let corrects = rows.corrects.span
    let order = order.span
    var group = Group(confidence: .nan, count: 0, correct: 0)
    for position in 0..<order.count {
      let row = Int(order[descending ? order.count - 1 - position : position])
      let weight = counts.isEmpty ? 1 : Int(counts[row])
      if confidences[row] != group.confidence {
        if group.count > 0 { body(group) }
        group = Group(confidence: confidences[row], count: 0, correct: 0)
      }
      group.count += weight
      if corrects[row] { group.correct += weight }
    }
    if group.count > 0 { body(group) }
  }
}
