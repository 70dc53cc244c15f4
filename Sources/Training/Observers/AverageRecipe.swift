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

  /// - Throws: `MethodError` where the average would begin after the run.
  func require(_ method: String, first epoch: Int) throws {
    guard epoch <= epochs else {
      throw MethodError(
        "--average: \(method): begins with epoch \(epoch), but the run has \(epochs)")
    }
  }
}

/// How to make an average that a command line has chosen.
public struct AverageRecipe: Sendable {
  /// Whether it changes nothing in training, and is only what snapshots may hold.
  public let isPassive: Bool
  /// Whether it divides the epochs of the run, so that a longer run is another run.
  public let spansRun: Bool
  public let make: @Sendable (AverageRequest) throws -> any OnlineAverage

  public init(
    isPassive: Bool = false, spansRun: Bool = false,
    make: @escaping @Sendable (AverageRequest) throws -> any OnlineAverage
  ) {
    self.isPassive = isPassive
    self.spansRun = spansRun
    self.make = make
  }

  /// The averages of `--average`.
  public static let catalogue = MethodCatalogue(
    "--average", [ExponentialAverage.method, TailMean.method] + RestartedAverage.methods)
}
