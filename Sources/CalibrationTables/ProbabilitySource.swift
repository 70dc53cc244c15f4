import Calibration
import Files
import HDF5
import TrajectoryFiles

/// Predicted probabilities [N, C], or what becomes probabilities, with classes [N] where they are
/// needed.
public struct ProbabilitySource {
  /// For messages and tables.
  public let name: String
  public let rowCount: Int
  public let classCount: Int
  /// S, the members kept apart; 0 without.
  public let memberCount: Int
  /// Of a predictions file: how many snapshots it averages, the classes' names, its history.
  private(set) var snapshotCount = 1
  private(set) var classNames: [String] = []
  private(set) var history: [String] = []
  let values: any RowSource
  let targets: (any RowSource)?
  private let members: HDF5Rows?
  /// Whether `values` are logits, to be put through a softmax.
  let areLogits: Bool
  /// 1/T, by which logits are multiplied, or the power to which probabilities are raised.
  public var inverseTemperature: Double?

  /// - Throws: `FileError` of kind `wrongData` where the tables do not fit together.
  init(
    name: String, values: any RowSource, targets: (any RowSource)?, members: HDF5Rows? = nil,
    areLogits: Bool
  ) throws {
    let shape = values.shape
    guard shape.count == 2, shape[1] > 0 else {
      throw values.problem("shape \(shape) instead of [N, C]")
    }
    guard shape[0] > 0 else { throw values.problem("has no rows") }
    if let members, members.rowCount == 0 { throw members.problem("holds no member") }
    if let targets, targets.shape != [shape[0]], targets.shape != [shape[0], 1] {
      throw targets.problem(
        "shape \(targets.shape), but there are \(shape[0]) rows of probabilities")
    }
    if let members, members.width != shape[1] || members.rowCount % shape[0] != 0 {
      throw members.problem("should have shape [S, \(shape[0]), \(shape[1])]")
    }
    self.name = name
    rowCount = shape[0]
    classCount = shape[1]
    memberCount = members.map { $0.rowCount / shape[0] } ?? 0
    self.values = values
    self.targets = targets
    self.members = members
    self.areLogits = areLogits
  }

  /// A predictions file.
  init(_ reader: PredictionsReader) throws {
    let file = reader.file
    let members = PredictionTable.probabilities.memberPath
    try self.init(
      name: reader.name, values: HDF5Rows(file.dataset(PredictionTable.probabilities.rawValue)),
      targets: reader.hasTargets ? HDF5Rows(file.dataset(PredictionTable.targets)) : nil,
      members: file.exists(members) ? HDF5Rows(file.dataset(members), members: true) : nil,
      areLogits: false)
    snapshotCount = reader.snapshotCount ?? 1
    classNames = reader.classNames
    history = reader.history
  }

  /// - Throws: `FileError` of kind `wrongData` where another file has another number of classes.
  public func requireClasses(of other: ProbabilitySource) throws {
    guard classCount == other.classCount else {
      throw values.problem(
        "has \(classCount) classes, but \(other.name) has \(other.classCount)")
    }
  }

  /// Whether several threads may read blocks at once.
  var readsOnAnyThread: Bool { values.readsOnAnyThread }

  /// The classes of some rows: whole numbers, of whatever type.
  func classes(_ rows: Range<Int>) throws -> [Int32] {
    guard let targets else {
      throw FileError(
        .wrongData, file: name, object: PredictionTable.targets,
        "missing: what was not labelled can be told apart (--ood), but not measured; targets that are"
          + " elsewhere: --probabilities FILE:/probabilities --targets TABLE")
    }
    let numbers = try targets.rows(rows)
    var classes = [Int32](repeating: 0, count: numbers.count)
    for (i, number) in numbers.enumerated() {
      guard let label = Int32(exactly: number) else {
        throw targets.problem("row \(rows.lowerBound + i): \(number) is not a class")
      }
      guard label >= 0 && label < classCount else {
        throw targets.problem(
          "row \(rows.lowerBound + i): class \(label) is not one of 0…\(classCount - 1)")
      }
      classes[i] = label
    }
    return classes
  }

  /// For some rows the mean of the members' entropies, in nats; empty without members, and where a
  /// temperature changes the predictions but not the members.
  func memberEntropies(_ rows: Range<Int>) throws -> [Double] {
    guard let members, inverseTemperature == nil, !areLogits else { return [] }
    var entropies = [Double](repeating: 0, count: rows.count)
    var probabilities = [Float](repeating: 0, count: rows.count * classCount)
    for member in 0..<memberCount {
      let first = member * rowCount
      var span = probabilities.mutableSpan
      try members.read(rows: first + rows.lowerBound..<first + rows.upperBound, into: &span)
      do throws(InvalidRow) {
        try add(probabilities, rows, to: &entropies)
      } catch {
        throw members.problem("member \(member): \(error)")
      }
    }
    for i in entropies.indices { entropies[i] /= Double(memberCount) }
    return entropies
  }

  private func add(
    _ probabilities: [Float], _ rows: Range<Int>, to entropies: inout [Double]
  ) throws(InvalidRow) {
    var sums = entropies.mutableSpan
    try addEntropies(
      of: probabilities.span, classCount: classCount, firstRow: rows.lowerBound, to: &sums)
  }
}
