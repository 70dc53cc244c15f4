/// How well a score tells rows out of a distribution from rows in it; the larger the score, the more
/// likely out.
public struct Separation: Sendable, Equatable {
  /// Area under the receiver operating characteristic: the probability that a row from outside has
  /// the larger score, equal ones by half (Mann & Whitney 1947). ½ is chance.
  public var areaUnderROC: Double
  /// Area under precision against recall with the rows outside to be found, as the step function
  /// Σ (recall − recall before) · precision over the distinct scores from the largest down.
  public var areaUnderPrecisionOutside: Double
  /// The same with the rows inside to be found, from the smallest score up.
  public var areaUnderPrecisionInside: Double
  /// Of the rows outside, how many pass for inside at the smallest threshold that lets 95 % of those
  /// inside pass (Liang, Li & Srikant 2018).
  public var falsePositiveRateAt95: Double
}

/// The scores of two sets of rows in their common order.
///
/// Memory: 12 bytes a row; sorting costs O(N log N), a measurement O(N).
public struct SeparationScores: Sendable {
  private let inside: [Double]
  private let outside: [Double]
  /// Row numbers by ascending score: inside ones as they are, outside ones after all of those.
  private let order: [UInt32]

  /// - Precondition: both have rows, and no score is NaN.
  public init(inside: [Double], outside: [Double]) {
    precondition(!inside.isEmpty && !outside.isEmpty, "rows on both sides")
    precondition(inside.count + outside.count < 1 << 32, "too many rows to be sorted")
    self.inside = inside
    self.outside = outside
    let first = inside.count
    var order = (0..<UInt32(inside.count + outside.count)).map { $0 }
    order.sort { a, b in
      let x = Int(a) < first ? inside[Int(a)] : outside[Int(a) - first]
      let y = Int(b) < first ? inside[Int(b)] : outside[Int(b) - first]
      return x < y
    }
    self.order = order
  }

  /// Each row counted once.
  public func measure() -> Separation {
    let ones = [UInt8](repeating: 1, count: max(inside.count, outside.count))
    return measure(
      insideCounts: ones.span.extracting(0..<inside.count),
      outsideCounts: ones.span.extracting(0..<outside.count))
  }

  /// Rows counted as often as the counts say.
  ///
  /// - Precondition: a count for each row, not all of one side 0.
  public func measure(insideCounts: Span<UInt8>, outsideCounts: Span<UInt8>) -> Separation {
    precondition(insideCounts.count == inside.count && outsideCounts.count == outside.count)
    let totalIn = Self.total(insideCounts)
    let totalOut = Self.total(outsideCounts)
    var result = Separation(
      areaUnderROC: 0, areaUnderPrecisionOutside: 0, areaUnderPrecisionInside: 0,
      falsePositiveRateAt95: .nan)
    // Rows of smaller scores than the present group's.
    var (belowIn, belowOut) = (0.0, 0.0)
    var position = 0
    while position < order.count {
      let score = self.score(position)
      var (ins, outs) = (0.0, 0.0)
      while position < order.count, self.score(position) == score {
        let row = Int(order[position])
        if row < inside.count {
          ins += Double(insideCounts[row])
        } else {
          outs += Double(outsideCounts[row - inside.count])
        }
        position += 1
      }
      if ins + outs == 0 { continue }
      result.areaUnderROC += outs * (belowIn + ins / 2)
      let (atOrAboveIn, atOrAboveOut) = (totalIn - belowIn, totalOut - belowOut)
      result.areaUnderPrecisionOutside += outs * atOrAboveOut / (atOrAboveIn + atOrAboveOut)
      belowIn += ins
      belowOut += outs
      result.areaUnderPrecisionInside += ins * belowIn / (belowIn + belowOut)
      // Whole numbers: 95 % of the rows exactly.
      if result.falsePositiveRateAt95.isNaN, 100 * belowIn >= 95 * totalIn {
        result.falsePositiveRateAt95 = belowOut / totalOut
      }
    }
    result.areaUnderROC /= totalIn * totalOut
    result.areaUnderPrecisionOutside /= totalOut
    result.areaUnderPrecisionInside /= totalIn
    return result
  }

  private func score(_ position: Int) -> Double {
    let row = Int(order[position])
    return row < inside.count ? inside[row] : outside[row - inside.count]
  }

  private static func total(_ counts: Span<UInt8>) -> Double {
    var total = 0
    for i in 0..<counts.count { total += Int(counts[i]) }
    return Double(total)
  }
}
