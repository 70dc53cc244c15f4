import Datasets
import NeuralNetworks
import Prediction
import Training
import WeightSpace

/// How a curve does in its middle, t = ½, on validation data: as with curve-sample, bn-update and
/// nn-eval, the statistics of BatchNorm come from a pass over the training data.
final class CurveMiddle {
  private let validation: Dataset
  private let predictor: Predictor
  private let refresher: StatisticsRefresher?
  private var loader: BatchLoader
  private var point: WeightVector
  private var batch = Batch()

  init(_ network: Network, validation: Dataset, loader: BatchLoader, seed: UInt64) throws {
    self.validation = validation
    self.loader = loader
    predictor = try Predictor(network, batchSize: min(loader.batchSize, validation.count))
    refresher = network.hasBatchNormalization ? StatisticsRefresher(network, seed: seed) : nil
    point = WeightVector(count: network.parameterCount)
  }

  func evaluate(loss: Loss, _ fill: (inout WeightVector) -> Void) throws -> Evaluation {
    fill(&point)
    if let refresher {
      refresher.reset()
      for k in 0..<loader.batchCount {
        loader.load(batch: k, into: &batch)
        try refresher.update(at: point, inputs: batch.inputs, count: batch.count)
      }
    }
    predictor.load { weights, buffers in
      weights.copy(from: point)
      if let refresher { buffers.copy(from: refresher.result()) }
    }
    return try Evaluation(predictor, validation, loss: loss)
  }
}
