/// What is wrong with an architecture, or between a network and the weights or data given to it.
public struct NetworkError: Error, CustomStringConvertible, Equatable {
  public let description: String
  public init(_ description: String) { self.description = description }
}
