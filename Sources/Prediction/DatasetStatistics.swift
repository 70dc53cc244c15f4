import Datasets
import NeuralNetworks
import WeightSpace

/// BatchNorm's running statistics of given weights over a data set: one pass in training mode over
/// some of the batches of its first shuffled epoch, the same for every weights
/// (`StatisticsRefresher`).
public final class DatasetStatistics {
  private let refresher: StatisticsRefresher
  private var loader: BatchLoader
  private var batch = Batch()
  /// The batches of a pass; 0 for a network without BatchNorm.
  public let batchCount: Int

  /// - Parameters:
  ///   - loader: gives the batches, with their augmentation.
  ///   - fraction: the share of the batches to use, above 0 and at most 1; at least one batch.
  ///   - seed: of dropout.
  public init(_ network: Network, _ loader: BatchLoader, fraction: Double = 1, seed: UInt64) {
    refresher = StatisticsRefresher(network, seed: seed)
    self.loader = loader
    batchCount =
      network.hasBatchNormalization ? max(1, Int(fraction * Double(loader.batchCount))) : 0
  }

  /// The statistics, in the order of the network's buffers.
  ///
  /// - Parameter progress: is told how many batches are done.
  /// - Throws: `NetworkError` where the data do not fit the network.
  public func statistics(
    of weights: borrowing WeightVector, progress: (Int) -> Void = { _ in }
  ) throws -> WeightVector {
    refresher.reset()
    for k in 0..<batchCount {
      loader.load(batch: k, into: &batch)
      try refresher.update(at: weights, inputs: batch.inputs, count: batch.count)
      progress(k + 1)
    }
    return refresher.result()
  }
}
