/// A family of files that say in attributes what they are: `format` is its name, `format_version` the
/// version that wrote them, `kind` what a file holds.
public struct FileFormat: Sendable {
  public let name: String
  /// The latest version that can be read.
  public let version: Int

  /// The files of this suite.
  public static let weightspace = FileFormat(name: "weightspace", version: 1)
}
