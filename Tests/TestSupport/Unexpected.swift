/// Thrown by a test where a value is not of the kind that the rest of the test needs:
///
///     guard case .classes(let classes) = data.targets else { throw Unexpected(data.targets) }
public struct Unexpected: Error, CustomStringConvertible {
  public let description: String
  public init(_ value: Any) { description = "unexpected: \(value)".prefix(200).description }
}
