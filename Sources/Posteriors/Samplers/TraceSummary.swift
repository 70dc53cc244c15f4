/// What the draws of some chains say of one number.
public struct TraceSummary: Sendable {
  public let mean: Double
  /// With the number of draws less 1 below the root.
  public let standardDeviation: Double
  /// How many independent draws are worth as much (`ChainDiagnostics`).
  public let effectiveSampleSize: Double
  public let splitRHat: Double

  /// - Parameter chains: the number in the draws of each chain, which are of equal length.
  public init(_ chains: [[Double]]) {
    let draws = chains.flatMap { $0 }
    let mean = draws.reduce(0, +) / Double(draws.count)
    let squares = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    standardDeviation = (squares / Double(max(draws.count - 1, 1))).squareRoot()
    effectiveSampleSize = ChainDiagnostics.effectiveSampleSize(chains)
    splitRHat = ChainDiagnostics.splitRHat(chains)
  }
}
