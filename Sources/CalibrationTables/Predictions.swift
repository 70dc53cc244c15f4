import Files
import TrajectoryFiles

/// Predictions and the truth, wherever they are.
public enum Predictions {
  case classes(ProbabilitySource)
  case values(ValueSource)

  /// Opens a predictions file, a pipe with one, standard input for "-", or two tables written
  /// `PROBABILITIES,CLASSES`.
  ///
  /// - Parameters:
  ///   - logits: whether the first of two tables holds logits.
  /// - Throws: `FileError`.
  public static func open(_ operand: String, logits: Bool = false) throws -> Predictions {
    let parts = operand.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) {
      return try tables(probabilities: parts[0], targets: parts[1], logits: logits)
    }
    let reader = try PredictionsReader(operand)
    if logits {
      throw FileError(
        .wrongData, file: reader.name,
        "is a predictions file, which holds no logits; --logits is for tables")
    }
    switch reader.kind {
    case .classification: return .classes(try ProbabilitySource(reader))
    case .regression: return .values(try ValueSource(reader))
    }
  }

  /// Opens probabilities, or logits, and their classes.
  public static func tables(
    probabilities: String, targets: String, logits: Bool
  ) throws -> Predictions {
    let values = try openRows(probabilities)
    return .classes(
      try ProbabilitySource(
        name: probabilities, values: values, targets: openRows(targets), areLogits: logits))
  }

  /// Opens the means of a regression, their variances where there are, and the targets.
  public static func tables(
    mean: String, variance: String?, targets: String
  ) throws -> Predictions {
    .values(
      try ValueSource(
        name: mean, means: openRows(mean), variances: variance.map { try openRows($0) },
        targets: openRows(targets)))
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
