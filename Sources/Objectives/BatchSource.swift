/// Whatever chooses the examples of each step: epochs of a data set, groups of batches, one rank's
/// share, a function.
public protocol BatchSource<Batch> {
  associatedtype Batch

  /// N, the number of examples of the data set.
  var examples: Int { get }
  /// Batches of an epoch, at least 1.
  var stepsPerEpoch: Int { get }
  /// A batch without examples, for `load` to fill.
  func emptyBatch() -> Batch
  /// Makes `batch` that of a step: a function of the source's seed, the epoch and the step in it,
  /// both from 0.
  mutating func load(step: Int, epoch: Int, into batch: inout Batch)
}
