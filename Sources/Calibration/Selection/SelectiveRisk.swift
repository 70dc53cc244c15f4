/// Errors among the rows that are answered when the least confident are left out (Geifman &
/// El-Yaniv 2017): at coverage i/N the risk is the error rate of the i most confident rows.
///
/// Rows of one confidence come in random order: what they contribute is its expectation.
public struct SelectiveRisk: Sendable, Equatable {
  /// The mean of the risk over the coverages 1/N, 2/N, …, 1 (AURC).
  public var area: Double
  /// The area less that of a ranking that puts every right answer before every wrong one (E-AURC,
  /// Geifman, Uziel & El-Yaniv 2019).
  public var excess: Double
  /// Points of the curve, from the least coverage up.
  public var curve: [Point]

  public struct Point: Sendable, Equatable {
    /// The share of the rows that are answered.
    public var coverage: Double
    public var risk: Double
    /// The least confidence among them.
    public var confidence: Double
  }
}

extension OrderedRows {
  /// Risk against coverage with about `pointCount` points of the curve, none for 0; nil where there
  /// are no rows.
  func selectiveRisk(counts: Span<UInt8>, pointCount: Int = 0) -> SelectiveRisk? {
    var total = 0
    var errors = 0
    order.forEachGroup(of: rows, counts: counts) { group in
      total += group.count
      errors += group.count - group.correct
    }
    guard total > 0 else { return nil }
    var result = SelectiveRisk(area: 0, excess: 0, curve: [])
    var answered = 0
    var wrong = 0.0
    var wanted = 1
    order.forEachGroup(of: rows, counts: counts, descending: true) { group in
      let rate = Double(group.count - group.correct) / Double(group.count)
      for _ in 0..<group.count {
        answered += 1
        wrong += rate
        result.area += wrong / Double(answered)
        // Point k is at coverage ⌈k N / points⌉ / N.
        if wanted <= pointCount, answered * pointCount >= wanted * total {
          result.curve.append(
            SelectiveRisk.Point(
              coverage: Double(answered) / Double(total), risk: wrong / Double(answered),
              confidence: group.confidence))
          while answered * pointCount >= wanted * total { wanted += 1 }
        }
      }
    }
    result.area /= Double(total)
    var best = 0.0
    for k in 0..<errors { best += Double(k + 1) / Double(total - errors + k + 1) }
    result.excess = result.area - best / Double(total)
    return result
  }
}
