import Files
import HDF5

/// What predictions are of.
public enum PredictionKind: Sendable, Equatable {
  /// Probabilities of C classes.
  case classification(classes: Int)
  /// Mean and variance of D outputs, in the targets' own units.
  case regression(outputs: Int)

  /// C or D.
  public var width: Int {
    switch self {
    case .classification(let classes): classes
    case .regression(let outputs): outputs
    }
  }
}

/// One table [N, width] of a predictions file.
public enum PredictionTable: String, Sendable, CaseIterable {
  /// Classification.
  case probabilities
  /// Regression; variance = aleatoric + epistemic.
  case mean, variance
  case aleatoricVariance = "aleatoric_variance"
  case epistemicVariance = "epistemic_variance"

  /// The dataset of the truth, and the group of the tables [S, N, width] of single members.
  public static let targets = "targets"
  static let members = "members"
  /// The path of the table of single members.
  public var memberPath: String { "\(Self.members)/\(rawValue)" }

  /// The tables that a file of that kind has.
  static func tables(of kind: PredictionKind) -> [PredictionTable] {
    switch kind {
    case .classification: [.probabilities]
    case .regression: [.mean, .variance, .aleatoricVariance, .epistemicVariance]
    }
  }
}

/// Writes a predictions file by rows, in any order; it appears whole when it is finished.
public final class PredictionsWriter {
  public let kind: PredictionKind
  /// N, the number of examples.
  public let count: Int
  private let output: AtomicOutput
  private let hasChecksums: Bool
  private let file: HDF5File
  private let tables: [PredictionTable: HDF5Dataset]
  private let memberTables: [PredictionTable: HDF5Dataset]

  /// The tables of `members/`: probabilities, or mean and aleatoric variance of each member.
  static func memberTables(of kind: PredictionKind) -> [PredictionTable] {
    switch kind {
    case .classification: [.probabilities]
    case .regression: [.mean, .aleatoricVariance]
    }
  }

  /// - Parameters:
  ///   - count: N, the number of examples.
  ///   - snapshots: how many snapshots the predictive distribution averages.
  ///   - members: S, where each member's predictions are kept too.
  ///   - classNames: for classification, empty where they are unknown.
  ///   - history: newest first; nil to leave it out.
  /// - Throws: `FileError`: `cannotCreate`, `inputOutput`.
  public init(
    to target: OutputTarget, kind: PredictionKind, count: Int, snapshots: Int,
    members: Int? = nil, classNames: [String] = [], history: [String]? = nil
  ) throws {
    self.kind = kind
    self.count = count
    output = try AtomicOutput(target.path)
    hasChecksums = target.checksums
    file = try output.createFile()
    try writeHeader(of: file, kind: .predictions, architecture: nil, history: history)
    try file.setAttribute("snapshot_count", snapshots)
    if !classNames.isEmpty { try file.setAttribute("classes", classNames) }
    let file = file
    var tables: [PredictionTable: HDF5Dataset] = [:]
    for table in PredictionTable.tables(of: kind) {
      tables[table] = try file.createDataset(
        table.rawValue, type: .float32, shape: [count, kind.width], allocateNow: true)
    }
    self.tables = tables
    var memberTables: [PredictionTable: HDF5Dataset] = [:]
    if let members {
      try file.createGroup(PredictionTable.members)
      for table in Self.memberTables(of: kind) {
        memberTables[table] = try file.createDataset(
          table.memberPath, type: .float32, shape: [members, count, kind.width],
          allocateNow: true)
      }
    }
    self.memberTables = memberTables
  }

  /// Writes rows of a table: `values` is [rows, width], row-major.
  public func write(_ table: PredictionTable, rows: Range<Int>, _ values: [Float]) throws {
    guard let dataset = tables[table] else { preconditionFailure("no table \(table.rawValue)") }
    try dataset.write(
      values, start: [rows.lowerBound, 0], count: [rows.count, kind.width])
  }

  /// Writes rows of one member's table; `values` is [rows, width], row-major.
  public func write(
    _ table: PredictionTable, member: Int, rows: Range<Int>, _ values: [Float]
  ) throws {
    guard let dataset = memberTables[table] else {
      preconditionFailure("no member table \(table.rawValue)")
    }
    try dataset.write(
      values, start: [member, rows.lowerBound, 0], count: [1, rows.count, kind.width])
  }

  /// Writes all N classes.
  public func writeTargets(classes: [Int32]) throws {
    try file.createDataset(PredictionTable.targets, type: .int32, shape: [count]).write(classes)
  }

  /// Writes all targets [N, D], row-major, in their own units.
  public func writeTargets(values: [Float]) throws {
    try file.createDataset(PredictionTable.targets, type: .float32, shape: [count, kind.width])
      .write(values)
  }

  /// Completes the file and lets it appear.
  ///
  /// - Throws: `FileError` of kind `inputOutput` on a full disk; `ClosedPipe`.
  public func finish() throws {
    if hasChecksums { try Checksum.addAll(to: file) }
    try file.close()
    try output.commit()
  }
}
