/// The metrics of rows drawn again with replacement (the bootstrap: Efron 1979), from what a meter
/// kept of each row. What needs all C probabilities of a row is nil in its reports.
///
/// Cost of a report: O(N), with a small constant.
public struct ClassificationResampler: Sendable {
  let rows: OrderedRows
  let columns: RowColumns
  let hasMembers: Bool
  let binning: Binning
  let binCount: Int
  /// Whether reports have the metrics that need the rows' order, which doubles their cost.
  public var includesOrdered = false

  public var rowCount: Int { rows.rows.count }

  /// The metrics where row i counts `counts[i]` times, [N].
  ///
  /// - Precondition: not all counts are 0.
  public func report(_ counts: Span<UInt8>) -> ClassificationReport {
    precondition(counts.count == rowCount, "a count for each row")
    var total = 0
    var infinite = 0
    let column = columns.columns[RowColumn.loss.rawValue]
    let losses = column.span
    for i in 0..<counts.count {
      total += Int(counts[i])
      if losses[i] == .infinity { infinite += Int(counts[i]) }
    }
    var means = columns.means(counts)
    if !hasMembers { means.removeLast() }
    let bins =
      switch binning {
      case .width: widths(counts)
      case .mass: rows.equalMass(bins: binCount, counts: counts)
      case .published: rows.published(bins: binCount, counts: counts)
      }
    var report = ClassificationReport(
      count: total, infiniteCount: infinite, bins: bins, means: means)
    if includesOrdered { report.addOrdered(rows, binCount, counts, 0) }
    return report
  }

  private func widths(_ counts: Span<UInt8>) -> [ReliabilityBin] {
    var bins = EqualWidthBins(count: binCount)
    let confidences = rows.rows.confidences.span
    let corrects = rows.rows.corrects.span
    for i in 0..<counts.count where counts[i] > 0 {
      bins.add(confidence: confidences[i], correct: corrects[i], count: Int(counts[i]))
    }
    return bins.bins
  }
}
