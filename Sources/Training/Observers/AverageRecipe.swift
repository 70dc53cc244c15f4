import Objectives

/// What an average of a run is made for.
public struct AverageRequest {
  /// The length of the trained vector.
  public var count: Int
  /// Epochs of the run.
  public var epochs: Int
  /// Sets running statistics to those of weights, by a pass over the training data.
  public var refresh: RestartedAverage.Refresh

  public init(count: Int, epochs: Int, refresh: @escaping RestartedAverage.Refresh) {
    self.count = count
    self.epochs = epochs
    self.refresh = refresh
  }
}

/// How to make an average that a command line has chosen.
public struct AverageRecipe: Sendable {
  public let make: @Sendable (AverageRequest) throws -> any OnlineAverage

  public init(make: @escaping @Sendable (AverageRequest) throws -> any OnlineAverage) {
    self.make = make
  }

  /// The averages of `--average`.
  public static let catalogue = MethodCatalogue(
    "--average", [ExponentialAverage.method, TailMean.method] + RestartedAverage.methods)
}
