import Files
import HDF5

/// A predictions file, read by rows.
public final class PredictionsReader {
  /// The file's name for messages.
  public let name: String
  public let file: HDF5File
  public let kind: PredictionKind
  /// N, the number of examples.
  public let count: Int
  /// How many snapshots the predictive distribution averages; nil where the file does not say.
  public let snapshotCount: Int?
  /// S, the number of members kept apart; 0 without.
  public let memberCount: Int
  /// Empty where the file names none.
  public let classNames: [String]
  /// Newest first; empty where there is none.
  public let history: [String]
  private let tables: [PredictionTable: HDF5Dataset]
  /// nil where the examples were not labelled.
  private let targets: HDF5Dataset?

  /// Opens what an operand names: a file, a pipe, or standard input for "-".
  ///
  /// - Throws: `FileError`: what `HDF5File.open(operand:)` throws, and `wrongData` for a file that
  ///   holds no predictions or whose tables do not fit together.
  public init(_ operand: String) throws {
    let file = try HDF5File.open(operand: operand)
    self.file = file
    name = file.name
    if let kind = try file.kind(in: .weightspace), kind != FileKind.predictions.rawValue {
      throw FileError(.wrongData, file: name, "holds \(kind), but predictions are expected here")
    }
    let isClassification = file.exists(PredictionTable.probabilities.rawValue)
    let mainTable = isClassification ? PredictionTable.probabilities : .mean
    guard file.exists(mainTable.rawValue) else {
      throw FileError(
        .wrongData, file: name, "holds no predictions: neither probabilities nor mean")
    }
    let main = try file.storedDataset(mainTable.rawValue)
    guard main.shape.count == 2, main.shape[1] > 0 else {
      throw main.problem("shape \(main.shape) instead of [N, \(isClassification ? "C" : "D")]")
    }
    count = main.shape[0]
    kind =
      isClassification
      ? .classification(classes: main.shape[1]) : .regression(outputs: main.shape[1])
    var tables: [PredictionTable: HDF5Dataset] = [:]
    for table in PredictionTable.tables(of: kind) where file.exists(table.rawValue) {
      let dataset = try file.storedDataset(table.rawValue)
      guard dataset.shape == main.shape, dataset.type?.isFloatingPoint == true else {
        throw dataset.problem("should hold floating-point numbers of shape \(main.shape)")
      }
      tables[table] = dataset
    }
    self.tables = tables
    targets =
      file.exists(PredictionTable.targets) ? try file.storedDataset(PredictionTable.targets) : nil
    let expected = isClassification ? [count] : main.shape
    if let targets,
      targets.shape != expected && !(targets.count == count && expected.last == 1)
    {
      throw targets.problem("shape \(targets.shape) instead of \(expected)")
    }
    snapshotCount = try file.integerAttribute("snapshot_count")
    classNames = try file.stringsAttribute("classes") ?? []
    history = try file.stringsAttribute("history") ?? []
    let members = mainTable.memberPath
    memberCount = file.exists(members) ? try file.storedDataset(members).shape.first ?? 0 : 0
  }

  public func has(_ table: PredictionTable) -> Bool { tables[table] != nil }
  /// Whether the examples were labelled.
  public var hasTargets: Bool { targets != nil }

  /// Rows of a table, [rows, width], row-major.
  ///
  /// - Throws: `FileError` of kind `wrongData` where the file has no such table.
  public func read(_ table: PredictionTable, rows: Range<Int>) throws -> [Float] {
    try dataset(table).read(
      start: [rows.lowerBound, 0], count: [rows.count, kind.width])
  }

  /// As `read(_:rows:)`, into memory of [rows, width] that is used again and again.
  public func read(
    _ table: PredictionTable, rows: Range<Int>, into values: inout MutableSpan<Float>
  ) throws {
    let dataset = try self.dataset(table)
    try unsafe values.withUnsafeMutableBufferPointer {
      try unsafe dataset.read(
        start: [rows.lowerBound, 0], count: [rows.count, kind.width], into: $0)
    }
  }

  /// Rows of one member's table, [rows, width], row-major.
  public func read(
    _ table: PredictionTable, member: Int, rows: Range<Int>
  ) throws -> [Float] {
    try file.dataset(table.memberPath).read(
      start: [member, rows.lowerBound, 0], count: [1, rows.count, kind.width])
  }

  /// All N classes.
  ///
  /// - Throws: `FileError` of kind `wrongData` where one is not in 0..<C.
  public func classes() throws -> [Int32] {
    let targets = try labels()
    let classes: [Int32] = try targets.read()
    if let row = classes.firstIndex(where: { $0 < 0 || $0 >= kind.width }) {
      throw targets.problem(
        "class \(classes[row]) in row \(row), but there are \(kind.width) classes")
    }
    return classes
  }

  /// All targets [N, D], row-major.
  public func values() throws -> [Float] { try labels().read() }

  private func labels() throws -> HDF5Dataset {
    guard let targets else {
      throw FileError(
        .wrongData, file: name, object: PredictionTable.targets,
        "missing: these examples were not labelled")
    }
    return targets
  }

  private func dataset(_ table: PredictionTable) throws -> HDF5Dataset {
    guard let dataset = tables[table] else {
      throw FileError(.wrongData, file: name, object: table.rawValue, "missing")
    }
    return dataset
  }
}
