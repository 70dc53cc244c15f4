/// A low-rank Gaussian that stays where it is, such as in a file: columns are read at a time.
public protocol GaussianSource: Sendable {
  var gaussian: LowRankGaussian { get }

  /// Reads some columns into a block of that width. May be called from several threads.
  func read(_ columns: Range<Int>, into block: inout GaussianBlock) throws
  /// The error for a draw from these columns that is not finite.
  func nonFiniteError(in columns: Range<Int>) throws -> any Error
  /// The error for a variance of zero, which has no density.
  func degenerateError(at column: Int) -> any Error
}
