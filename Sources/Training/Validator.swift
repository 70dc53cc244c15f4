import Datasets
import NeuralNetworks
import Prediction
import WeightSpace

/// How weights do on validation data during training: with the statistics that belong to them, or
/// where none do with those of a pass over the training data.
public final class Validator {
  private let validation: Dataset
  private let loss: Loss
  private let predictor: Predictor
  private let statistics: StatisticsPass?
  private var fresh: WeightVector

  /// - Parameter loader: of the training data.
  public init(
    _ network: Network, _ validation: Dataset, loss: Loss, loader: BatchLoader, batchSize: Int,
    seed: UInt64
  ) throws {
    self.validation = validation
    self.loss = loss
    predictor = try Predictor(network, batchSize: min(batchSize, validation.count))
    statistics =
      network.hasBatchNormalization ? StatisticsPass(network, loader, seed: seed) : nil
    fresh = WeightVector(count: network.bufferLayout.count)
  }

  /// - Parameter buffers: empty where the statistics of training do not belong to the weights.
  public func evaluate(
    _ weights: borrowing WeightVector, _ buffers: borrowing WeightVector
  ) throws -> Evaluation {
    if let statistics, buffers.count == 0 {
      try statistics.run(at: weights, into: &fresh)
    } else if buffers.count > 0 {
      fresh.copy(from: buffers)
    }
    predictor.load { w, b in
      w.copy(from: weights)
      if b.count > 0 { b.copy(from: fresh) }
    }
    do {
      return try Evaluation(predictor, validation, loss: loss)
    } catch is NonFiniteOutput {
      // Training may yet come back from it; its own loss says where it does not.
      return .notFinite
    }
  }
}
