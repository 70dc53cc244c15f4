/// The name of a dataset of numbers in a file, or of a group of such.
public struct DatasetName: Hashable, Sendable, CustomStringConvertible {
  /// The path in the file, without a leading slash.
  public let path: String

  init(_ path: String) { self.path = path }

  /// How many snapshots are whole.
  public static let committed = DatasetName("committed")
  /// [T, k]: the points of an affine trajectory.
  public static let coordinates = DatasetName("coordinates")
  /// The group of the snapshots' numbers, and one of them, such as `snapshots/epoch`.
  public static let snapshots = DatasetName("snapshots")
  public static func snapshots(_ column: String) -> DatasetName {
    DatasetName("snapshots/\(column)")
  }
  /// Of a subspace: how its components came.
  public static let singularValues = DatasetName("singular_values")
  public static let explainedVarianceRatio = DatasetName("explained_variance_ratio")
  /// The group of what a sampler says of its chains, and one of its numbers.
  public static let diagnostics = DatasetName("diagnostics")
  public static func diagnostics(_ name: String) -> DatasetName {
    DatasetName("diagnostics/\(name)")
  }
  /// A number that a command needs to go on, or all of them.
  public static let state = DatasetName("state")
  public static func state(_ name: String) -> DatasetName { DatasetName("state/\(name)") }

  public var description: String { path }
}
