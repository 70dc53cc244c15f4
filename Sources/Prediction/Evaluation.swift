import Datasets
import NeuralNetworks

/// How a network does on a data set.
public struct Evaluation: Sendable, Equatable {
  /// The mean loss over the examples.
  public var loss: Double
  /// The share of examples whose class has the largest output (classification).
  public var accuracy: Double
  /// √ of the mean squared error over examples and targets, in the targets' own units (regression).
  public var rootMeanSquaredError: Double

  /// Runs the predictor, with the weights it holds, over all examples in order.
  ///
  /// Throws `NetworkError` where the data do not fit the network.
  public init(
    _ predictor: Predictor, _ dataset: Dataset, loss: Loss, progress: (Int) -> Void = { _ in }
  ) throws {
    var loader = BatchLoader(dataset, batchSize: predictor.batchSize)
    var batch = Batch()
    var lossSum = 0.0
    var correct = 0
    var squares = 0.0
    for k in 0..<loader.batchCount {
      loader.load(batch: k, into: &batch)
      let result = try predictor.evaluate(NetworkBatch(batch), loss: loss)
      lossSum += result.value * Double(batch.count)
      correct += result.correct
      squares += result.squaredErrors
      progress(batch.count)
    }
    let count = Double(dataset.count)
    self.loss = lossSum / count
    accuracy = Double(correct) / count
    rootMeanSquaredError =
      dataset.targetUnit * (squares / (count * Double(max(dataset.outputCount, 1)))).squareRoot()
  }
}

extension Dataset {
  /// What turns a normalised error into the target's own units; 1 where there are several targets,
  /// whose units differ.
  public var targetUnit: Double { targetStd.count == 1 ? Double(targetStd[0]) : 1 }

  /// The loss that suits the targets where none is asked for.
  public var defaultLoss: Loss { isClassification ? .crossEntropy : .squaredError }
}
