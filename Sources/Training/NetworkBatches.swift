import Datasets
import NeuralNetworks
import Objectives
import Prediction

/// The batches of a data set, as a network reads them.
public struct NetworkBatches: BatchSource {
  private var loader: BatchLoader
  private var loaded = Datasets.Batch()

  public init(_ loader: BatchLoader) { self.loader = loader }

  public var examples: Int { loader.dataset.count }
  public var stepsPerEpoch: Int { loader.batchCount }
  public func emptyBatch() -> NetworkBatch {
    NetworkBatch(inputs: [], targets: .classes([]), count: 0)
  }

  public mutating func load(step: Int, epoch: Int, into batch: inout NetworkBatch) {
    // Let go of, the arrays are filled again instead of copied.
    batch = emptyBatch()
    loader.load(batch: step, epoch: epoch, into: &loaded)
    batch = NetworkBatch(loaded)
  }
}
