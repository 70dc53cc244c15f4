import Datasets
import NeuralNetworks
import Objectives

/// How a network does on a data set.
public struct Evaluation: Sendable, Equatable {
  /// The mean loss over the examples.
  public var loss: Double
  /// The share of examples whose class has the largest output (classification).
  public var accuracy: Double
  /// √ of the mean squared error over examples and targets, in the targets' own units (regression).
  public var rootMeanSquaredError: Double

  /// Of a network whose outputs are no numbers.
  public static let notFinite = Evaluation(
    loss: .nan, accuracy: .nan, rootMeanSquaredError: .nan)

  private init(loss: Double, accuracy: Double, rootMeanSquaredError: Double) {
    self.loss = loss
    self.accuracy = accuracy
    self.rootMeanSquaredError = rootMeanSquaredError
  }

  /// Runs the predictor, with the weights it holds, over all examples in order.
  ///
  /// Throws `NetworkError` where the data do not fit the network, `NonFiniteOutput` where its outputs
  /// or their loss are not finite.
  public init(
    _ predictor: Predictor, _ dataset: Dataset, loss: Loss, progress: (Int) -> Void = { _ in }
  ) throws {
    var loader = BatchLoader(dataset, batchSize: predictor.batchSize)
    var batch = Batch()
    var sums = Sums()
    for k in 0..<loader.batchCount {
      loader.load(batch: k, into: &batch)
      let result = try predictor.evaluate(
        NetworkBatch(batch), loss: loss, firstExample: k * predictor.batchSize)
      sums.add(result, count: batch.count)
      progress(batch.count)
    }
    self = sums.evaluation(on: dataset)
  }

  /// Of outputs of that form, which `outputs` gives for some rows at a time; the inputs are not needed.
  ///
  /// - Throws: `NonFiniteOutput`, and what `outputs` throws.
  public init(
    _ dataset: Dataset, _ form: OutputForm, batchSize: Int,
    _ outputs: (Range<Int>) throws -> [Float]
  ) throws {
    let loader = BatchLoader(dataset, batchSize: batchSize)
    var batch = Batch()
    var sums = Sums()
    for k in 0..<loader.batchCount {
      loader.loadTargets(batch: k, into: &batch)
      let first = k * batchSize
      let block = form.normalized(try outputs(first..<(first + batch.count)), for: dataset)
      let result = try form.loss.evaluate(
        block.span, of: NetworkBatch(batch), width: form.count, firstExample: first)
      sums.add(result, count: batch.count)
    }
    self = sums.evaluation(on: dataset)
  }

  /// What is summed over batches.
  private struct Sums {
    var loss = 0.0
    var correct = 0
    var squares: [Double] = []

    mutating func add(_ result: BatchLoss, count: Int) {
      loss += result.value * Double(count)
      correct += result.correct
      squares.add(result.squaredErrorsByTarget)
    }

    func evaluation(on dataset: Dataset) -> Evaluation {
      let count = Double(dataset.count)
      return Evaluation(
        loss: loss / count, accuracy: Double(correct) / count,
        rootMeanSquaredError: dataset.rootMeanSquaredError(
          ofNormalized: squares.map { $0 / count }))
    }
  }
}

extension Dataset {
  /// √ of the mean over targets of their mean squared errors, each in its own units.
  ///
  /// - Parameter meanSquares: for each target the mean squared error of its normalised values.
  public func rootMeanSquaredError(ofNormalized meanSquares: [Double]) -> Double {
    guard !meanSquares.isEmpty else { return 0 }
    let units = meanSquares.indices.map { targetStd.isEmpty ? 1 : Double(targetStd[$0]) }
    // Relative to the largest unit, so that a single target's is exact.
    let largest = units.max() ?? 1
    var sum = 0.0
    for (square, unit) in zip(meanSquares, units) {
      sum += square * (unit / largest) * (unit / largest)
    }
    return largest * (sum / Double(meanSquares.count)).squareRoot()
  }
}
