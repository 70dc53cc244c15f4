/// The name of a group of tensors in a file, one dataset for each slot of a layout.
public struct GroupName: Hashable, Sendable, CustomStringConvertible {
  /// The path in the file, without a leading slash.
  public let path: String

  init(_ path: String) { self.path = path }

  /// Parameters, with a row for each snapshot or control point.
  public static let weights = GroupName("weights")
  /// Running statistics, with a row for each snapshot.
  public static let buffers = GroupName("buffers")
  /// What is no weight and only copied, without rows.
  public static let carried = GroupName("carried")
  /// Of a gaussian: the mean of the weights, their variances, and deviations with a row for each.
  public static let mean = GroupName("mean")
  public static let variance = GroupName("variance")
  public static let deviations = GroupName("deviations")
  /// Of a subspace or an affine trajectory: where it is, and its components with a row for each.
  public static let shift = GroupName("shift")
  public static let components = GroupName("components")
  /// A vector that a command needs to go on.
  public static func state(_ vector: String) -> GroupName { GroupName("state/\(vector)") }

  /// The path of a tensor's dataset.
  public func path(of tensor: String) -> String { "\(path)/\(tensor)" }

  public var description: String { path }
}
