import Datasets
import Glibc
import NeuralNetworks
import Objectives
import WeightSpace

/// log p(targets | inputs, w) summed over a data set, as a function of a network's weights w.
///
/// The network is in training mode without dropout: BatchNorm uses the statistics of each batch, of
/// `batchSize` examples in the data's own order and without augmentation, so that the value is a
/// function of w alone. Targets of a regression count in their own units. Use from one thread.
public final class DatasetLikelihood {
  /// The network without dropout.
  public let network: Network
  public let dataset: Dataset
  /// Batches of an epoch.
  public var batchCount: Int { ordered.batchCount }

  private let loss: Loss
  /// σ in units of the normalised targets, where the network does not predict it.
  private let noise: Double
  /// Σ over outputs of the logarithms that turn a density of normalised targets into one of targets
  /// in their own units.
  private let unitsPerExample: Double
  private let evaluator: BatchEvaluator
  private let objective: NetworkObjective
  private var ordered: BatchLoader
  private var shuffled: BatchLoader
  private var batch = Batch()
  private var part: WeightVector

  /// - Parameters:
  ///   - loss: cross-entropy: classes; gaussian: the network's own variances; squared error: a
  ///     Gaussian of the standard deviation `noiseStd`.
  ///   - noiseStd: in the targets' own units; only and always for the squared error.
  ///   - seed: of the order of examples in stochastic gradients.
  /// - Throws: `NetworkError` where loss and network, or noise and targets, do not suit each other.
  public init(
    _ network: Network, _ dataset: Dataset, loss: Loss, noiseStd: Double?, batchSize: Int,
    seed: UInt64
  ) throws {
    self.network = try Network(network.architecture.withoutDropout)
    self.dataset = dataset
    self.loss = loss
    if loss == .squaredError {
      guard let noiseStd else {
        throw NetworkError(
          "\(network.architecture.name) predicts no variance; give that of the data's noise as its"
            + " standard deviation with --noise-std")
      }
      guard Set(dataset.targetStd).count <= 1 else {
        throw NetworkError(
          "\(dataset.name): one --noise-std does not suit targets in several units; train a network"
            + " that predicts its variance with --loss gaussian")
      }
      noise = noiseStd / Double(dataset.targetStd.first ?? 1)
    } else {
      guard noiseStd == nil else {
        throw NetworkError(
          loss == .gaussian
            ? "\(network.architecture.name) predicts its own variance; leave --noise-std out"
            : "--noise-std belongs to real targets, but \(dataset.name) has classes")
      }
      noise = 1
    }
    var units = 0.0
    for std in dataset.targetStd { units -= log(Double(std)) }
    unitsPerExample = units
    evaluator = BatchEvaluator(self.network, loss: loss)
    objective = try NetworkObjective(self.network, loss: loss)
    let batchSize = min(batchSize, dataset.count)
    ordered = BatchLoader(dataset, batchSize: batchSize)
    shuffled = BatchLoader(dataset, batchSize: batchSize, seed: seed, shuffle: true)
    part = WeightVector(count: network.parameterCount)
  }

  /// log p at w. One forward pass over the data.
  public func value(at w: borrowing WeightVector) throws -> Double {
    var sum = 0.0
    for k in 0..<batchCount {
      ordered.load(batch: k, into: &batch)
      let found = try evaluator.evaluate(at: w, NetworkBatch(batch))
      sum += value(found.value, found.squaredErrors, count: batch.count)
    }
    return sum
  }

  /// log p at w and its gradient. One forward and one backward pass over the data.
  public func valueAndGradient(
    at w: borrowing WeightVector, gradient: inout WeightVector
  ) throws -> Double {
    gradient.fill(with: 0)
    var sum = 0.0
    for k in 0..<batchCount {
      ordered.load(batch: k, into: &batch)
      let result = try objective.valueAndGradient(
        at: w, NetworkBatch(batch), Step(), gradient: &part)
      sum += value(result.loss, result.score.squaredErrors, count: batch.count)
      gradient.add(scaled: Float(gradientFactor(count: batch.count)), part)
    }
    return sum
  }

  /// Estimates of log p at w and its gradient from one batch of a shuffled epoch; the means over the
  /// batches of an epoch are log p and its gradient.
  ///
  /// - Parameter step: counts batches over all epochs.
  public func stochasticValueAndGradient(
    at w: borrowing WeightVector, step: Int, gradient: inout WeightVector
  ) throws -> Double {
    shuffled.load(batch: step % batchCount, epoch: step / batchCount, into: &batch)
    let result = try objective.valueAndGradient(
      at: w, NetworkBatch(batch), Step(), gradient: &gradient)
    gradient.scale(by: Float(Double(batchCount) * gradientFactor(count: batch.count)))
    return Double(batchCount)
      * value(result.loss, result.score.squaredErrors, count: batch.count)
  }

  private func value(_ loss: Double, _ squaredErrors: Double, count: Int) -> Double {
    let examples = Double(count)
    let outputs = Double(max(dataset.outputCount, 1))
    let half = 0.5 * log(2 * Double.pi)
    switch self.loss {
    case .crossEntropy: return -loss * examples
    case .gaussian:
      return examples * (unitsPerExample - outputs * (loss + half))
    case .squaredError:
      return examples * (unitsPerExample - outputs * (log(noise) + half))
        - squaredErrors / (2 * noise * noise)
    }
  }

  /// What the gradient of the batch's mean loss is multiplied by.
  private func gradientFactor(count: Int) -> Double {
    let outputs = Double(max(dataset.outputCount, 1))
    switch loss {
    case .crossEntropy: return -Double(count)
    case .gaussian: return -Double(count) * outputs
    case .squaredError: return -Double(count) * outputs / (2 * noise * noise)
    }
  }
}
