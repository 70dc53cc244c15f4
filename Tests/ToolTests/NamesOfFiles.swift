import Files

@testable import TrajectoryFiles

// Tests say the names of groups and datasets out loud: they are the format that others read.

extension GroupName: ExpressibleByStringLiteral {
  public init(stringLiteral path: String) { self.init(path) }
}

extension DatasetName: ExpressibleByStringLiteral {
  public init(stringLiteral path: String) { self.init(path) }
}

extension FileKind: ExpressibleByStringLiteral {
  public init(stringLiteral kind: String) { self = FileKind(rawValue: kind)! }
}
