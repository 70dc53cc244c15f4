import Calibration
import Files
import HDF5
import TrajectoryFiles

/// Predicted means of a regression [N, D] with targets, and variances and members where there are.
public struct ValueSource {
  public let name: String
  public let rowCount: Int
  /// D.
  public let outputs: Int
  public let memberCount: Int
  let means: any RowSource
  let variances: (any RowSource)?
  let targets: any RowSource
  private let memberMeans: HDF5Rows?
  private let memberVariances: HDF5Rows?

  /// - Throws: `FileError` of kind `wrongData` where the tables do not fit together.
  init(
    name: String, means: any RowSource, variances: (any RowSource)?, targets: any RowSource,
    memberMeans: HDF5Rows? = nil, memberVariances: HDF5Rows? = nil
  ) throws {
    guard (1...2).contains(means.shape.count), means.width > 0 else {
      throw means.problem("shape \(means.shape) instead of [N, D]")
    }
    guard means.rowCount > 0 else { throw means.problem("has no rows") }
    for other in [variances, targets].compactMap({ $0 })
    where other.rowCount != means.rowCount || other.width != means.width {
      throw other.problem("shape \(other.shape), but the means have \(means.shape)")
    }
    for member in [memberMeans, memberVariances].compactMap({ $0 }) where member.rowCount == 0 {
      throw member.problem("holds no member")
    }
    for member in [memberMeans, memberVariances].compactMap({ $0 })
    where member.width != means.width || member.rowCount % means.rowCount != 0 {
      throw member.problem("should have shape [S, \(means.rowCount), \(means.width)]")
    }
    self.name = name
    rowCount = means.rowCount
    outputs = means.width
    memberCount = memberMeans.map { $0.rowCount / means.rowCount } ?? 0
    self.means = means
    self.variances = variances
    self.targets = targets
    self.memberMeans = memberMeans
    self.memberVariances = memberVariances
  }

  /// A predictions file.
  init(_ reader: PredictionsReader) throws {
    let file = reader.file
    guard reader.hasTargets else {
      throw FileError(
        .wrongData, file: reader.name, object: PredictionTable.targets,
        "missing: predictions are measured against them; targets that are elsewhere:"
          + " --mean FILE:/mean --variance FILE:/variance --targets TABLE")
    }
    func rows(_ path: String, members: Bool = false) throws -> HDF5Rows? {
      file.exists(path) ? try HDF5Rows(file.dataset(path), members: members) : nil
    }
    try self.init(
      name: reader.name, means: HDF5Rows(file.dataset(PredictionTable.mean.rawValue)),
      variances: rows(PredictionTable.variance.rawValue),
      targets: HDF5Rows(file.dataset(PredictionTable.targets)),
      memberMeans: rows(PredictionTable.mean.memberPath, members: true),
      memberVariances: rows(PredictionTable.aleatoricVariance.memberPath, members: true))
  }

  /// Some rows in memory.
  struct Block {
    var means: [Double]
    var variances: [Double]
    var targets: [Double]
    /// [n, D, S]
    var memberMeans: [Double]
    var memberVariances: [Double]
  }

  /// Calls `body` with one block of rows after the other, and the number of its first row.
  ///
  /// - Throws: `FileError` where a row cannot be read or `body` throws `InvalidRow`.
  func forEachBlock(_ body: (Block) throws(InvalidRow) -> Void) throws {
    let length = max(1, numbersPerBlock / (outputs * (2 + 2 * memberCount)))
    for start in stride(from: 0, to: rowCount, by: length) {
      let rows = start..<min(start + length, rowCount)
      let block = Block(
        means: try means.rows(rows), variances: try checkedVariances(rows),
        targets: try checkedTargets(rows), memberMeans: try members(memberMeans, rows),
        memberVariances: try members(memberVariances, rows))
      do throws(InvalidRow) {
        try body(block)
      } catch {
        throw means.problem("\(error)")
      }
    }
  }

  private func checkedVariances(_ rows: Range<Int>) throws -> [Double] {
    guard let variances else { return [] }
    let values = try variances.rows(rows)
    if let i = values.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw variances.problem(
        "row \(rows.lowerBound + i / outputs): \(values[i]) is not a variance")
    }
    return values
  }

  private func checkedTargets(_ rows: Range<Int>) throws -> [Double] {
    let values = try targets.rows(rows)
    if let i = values.firstIndex(where: { !$0.isFinite }) {
      throw targets.problem("row \(rows.lowerBound + i / outputs): \(values[i]) is not finite")
    }
    return values
  }

  /// All members' values of some rows, those of one value together; zeros where only the means are
  /// known.
  private func members(_ source: HDF5Rows?, _ rows: Range<Int>) throws -> [Double] {
    let count = rows.count * outputs
    var values = [Double](repeating: 0, count: count * memberCount)
    guard let source else { return values }
    for member in 0..<memberCount {
      let first = member * rowCount
      let own = try source.rows(first + rows.lowerBound..<first + rows.upperBound)
      for i in 0..<count { values[i * memberCount + member] = own[i] }
    }
    return values
  }
}
