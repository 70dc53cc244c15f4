/// A family of files that say in attributes what they are: `format` is its name, `format_version` the
/// version that wrote them, `kind` what a file holds.
public struct FileFormat: Sendable {
  public let name: String
  /// The latest version that can be read.
  public let version: Int

  /// The files of this suite.
  public static let weightspace = FileFormat(name: "weightspace", version: 1)
}

/// What a file of this suite holds, as its attribute `kind` says.
public enum FileKind: String, Sendable {
  /// Snapshots of weights, plain or affine.
  case trajectory
  /// Mean, variance and deviations of weights.
  case gaussian
  /// A shift and components.
  case subspace
  /// Control points of a curve through weights.
  case curve
  case predictions
  case dataset
}
