/// What went wrong with a file: one line that names the file, the object in it and the problem.
///
///     run2.h5: weights/fc.weight: shape [10, 64], but run1.h5 has [100, 64]
public struct FileError: Error, CustomStringConvertible, Equatable, Sendable {
  /// Decides the exit status of a tool.
  public enum Kind: Sendable {
    /// The file is there, but not what is needed: status 65.
    case wrongData
    /// The file cannot be opened for reading: status 66.
    case missingInput
    /// The file cannot be created: status 73.
    case cannotCreate
    /// Reading or writing failed, such as on a full disk: status 74.
    case inputOutput
  }

  public var kind: Kind
  /// The file's name as the user wrote it, or "standard input".
  public var file: String
  /// The path of the object inside the file, without a leading slash; nil for the whole file.
  public var object: String?
  public var problem: String

  public init(_ kind: Kind, file: String, object: String? = nil, _ problem: String) {
    self.kind = kind
    self.file = file
    self.object = object
    self.problem = problem
  }

  /// One line, whatever is in the names; long ones are cut in the middle.
  public var description: String {
    var parts = [shown(file)]
    if let object, !object.isEmpty, object != "/" { parts.append(shown(object)) }
    parts.append(shown(problem, atMost: 600))
    return parts.joined(separator: ": ")
  }
}
