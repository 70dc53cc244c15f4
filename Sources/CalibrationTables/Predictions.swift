import Files
import TrajectoryFiles

/// Predictions and the truth, wherever they are.
public enum Predictions {
  case classes(ProbabilitySource)
  case values(ValueSource)

  /// How tables that are no predictions files are read.
  public struct Reading: Sendable {
    /// Whether tables of probabilities hold logits.
    public var logits: Bool
    /// Whether the first line of a text table names its columns.
    public var header: TableHeader
    /// Whether a single table, without classes, is not enough.
    public var needsTargets = true

    public init(logits: Bool = false, header: TableHeader = .guess) {
      self.logits = logits
      self.header = header
    }
  }

  /// Opens a predictions file, a pipe with one, standard input for "-", or two tables written
  /// `PROBABILITIES,CLASSES` where there is no file of that whole name.
  ///
  /// - Throws: `FileError`.
  public static func open(_ operand: String, _ reading: Reading = Reading()) throws -> Predictions {
    let parts = operand.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), !PlainFile.exists(operand) {
      return try tables(probabilities: parts[0], targets: parts[1], reading)
    }
    if !reading.needsTargets, isTable(operand) {
      return try tables(probabilities: operand, targets: nil, reading)
    }
    let reader = try PredictionsReader(operand)
    if reading.logits {
      throw FileError(
        .wrongData, file: reader.name,
        "is a predictions file, which holds no logits; --logits is for tables")
    }
    switch reader.kind {
    case .classification: return .classes(try ProbabilitySource(reader))
    case .regression: return .values(try ValueSource(reader))
    }
  }

  /// Opens probabilities, or logits, and their classes where there are.
  public static func tables(
    probabilities: String, targets: String?, _ reading: Reading
  ) throws -> Predictions {
    let values = try openRows(probabilities, header: reading.header)
    let classes = try targets.map { try openRows($0, header: reading.header) }
    try agree([values] + (classes.map { [$0] } ?? []))
    return .classes(
      try ProbabilitySource(
        name: probabilities, values: values, targets: classes, areLogits: reading.logits))
  }

  /// Opens the means of a regression, their variances where there are, and the targets.
  public static func tables(
    mean: String, variance: String?, targets: String, _ reading: Reading
  ) throws -> Predictions {
    let means = try openRows(mean, header: reading.header)
    let variances = try variance.map { try openRows($0, header: reading.header) }
    let values = try openRows(targets, header: reading.header)
    try agree([means, values] + (variances.map { [$0] } ?? []))
    return .values(
      try ValueSource(name: mean, means: means, variances: variances, targets: values))
  }

  /// A text table whose first line may name its column does so where another text of the same rows has
  /// a header.
  private static func agree(_ tables: [any RowSource]) throws {
    let texts = tables.compactMap { $0 as? CSVRows }
    for text in texts {
      for other in texts where other !== text { try text.agree(with: other) }
    }
  }

  /// What the user should know of tables that could be read otherwise.
  public var notes: [String] {
    let tables: [(any RowSource)?] =
      switch self {
      case .classes(let source): [source.values, source.targets]
      case .values(let source): [source.means, source.variances, source.targets]
      }
    return tables.compactMap { table in table?.note.map { "\(table!.problem($0))" } }
  }

  public var name: String {
    switch self {
    case .classes(let source): source.name
    case .values(let source): source.name
    }
  }

  /// The probabilities, for what is defined for classes only.
  ///
  /// - Throws: `FileError` where these are of a regression.
  public func probabilities(for purpose: String) throws -> ProbabilitySource {
    guard case .classes(let source) = self else {
      throw FileError(.wrongData, file: name, "is a regression; \(purpose) needs classes")
    }
    return source
  }
}
