import Datasets
import NeuralNetworks
import WeightSpace

/// Running statistics computed anew for any weights, by one pass over the training data in training
/// mode, as bn-update does. Always the same batches: those of the loader's first epoch.
public final class StatisticsPass {
  private let refresher: StatisticsRefresher
  private var loader: BatchLoader
  private var batch = Batch()

  public init(_ network: Network, _ loader: BatchLoader, seed: UInt64) {
    refresher = StatisticsRefresher(network, seed: seed)
    self.loader = loader
  }

  /// Cost: a forward pass over the data.
  public func run(at weights: borrowing WeightVector, into buffers: inout WeightVector) throws {
    refresher.reset()
    for k in 0..<loader.batchCount {
      loader.load(batch: k, into: &batch)
      try refresher.update(at: weights, inputs: batch.inputs, count: batch.count)
    }
    buffers.copy(from: refresher.result())
  }
}
