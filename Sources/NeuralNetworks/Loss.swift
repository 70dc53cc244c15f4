#if canImport(Glibc)
  import Glibc
#endif

/// What training minimises: the mean over a batch of a function of outputs and targets.
public enum Loss: String, Sendable, CaseIterable {
  /// −log softmax(outputs)[class].
  case crossEntropy = "cross-entropy"
  /// The mean over all outputs of (output − target)².
  case squaredError = "squared-error"
  /// (target − mean)² / (2 variance) + ½ log variance, the constant ½ log 2π left out; outputs are
  /// the mean and the variance of every target.
  case gaussian
}

/// The targets of one batch.
public enum BatchTargets: Sendable {
  /// One class per example.
  case classes([Int32])
  /// [N, D] row-major.
  case values([Float])
}

/// A batch's mean loss and how it was reached.
public struct BatchLoss: Sendable, Equatable {
  /// The mean over the batch's examples.
  public var value: Double
  /// Examples whose largest output is their class (classification).
  public var correct = 0
  /// Σ over examples and targets of (prediction − target)², for regression.
  public var squaredErrors = 0.0
  /// The same sum for each target alone.
  public var squaredErrorsByTarget: [Double] = []
}

extension Loss {
  /// The loss of outputs [count, width], whoever computed them, for the targets of a batch, which must be
  /// in range.
  ///
  /// - Parameter firstExample: the number of the first one, for the error.
  /// - Throws: `NonFiniteOutput` where an output or a loss is not finite.
  public func evaluate(
    _ outputs: Span<Float>, of batch: NetworkBatch, width: Int, firstExample: Int
  ) throws -> BatchLoss {
    try outputs.requireFinite(width: width, firstExample: firstExample)
    let found = evaluate(outputs, count: batch.count, width: width, targets: batch.targets)
    guard found.value.isFinite else {
      let row = firstNonFinite(
        outputs, count: batch.count, width: width, targets: batch.targets)
      throw NonFiniteOutput(example: firstExample + row, what: "the loss", value: found.value)
    }
    return found
  }

  /// The batch's loss. All sums are in Double.
  ///
  /// `outputs` is [count, width] row-major; targets must be in range (the engine checks them).
  func evaluate(_ outputs: Span<Float>, count: Int, width: Int, targets: BatchTargets) -> BatchLoss
  {
    var none: [Float] = []
    var span = none.mutableSpan
    return evaluate(outputs, count: count, width: width, targets: targets, gradient: &span)
  }

  /// The batch's loss and its gradient by the outputs, [count, width] row-major; an empty
  /// `gradient` is not written.
  func evaluate(
    _ outputs: Span<Float>, count: Int, width: Int, targets: BatchTargets,
    gradient: inout MutableSpan<Float>
  ) -> BatchLoss {
    switch (self, targets) {
    case (.crossEntropy, .classes(let classes)):
      return crossEntropy(outputs, count, width, classes, &gradient)
    case (.squaredError, .values(let values)):
      return squaredError(outputs, count, width, values, &gradient)
    case (.gaussian, .values(let values)):
      return gaussian(outputs, count, width, values, &gradient)
    default: preconditionFailure("the loss does not suit the targets")
    }
  }

  private func crossEntropy(
    _ outputs: Span<Float>, _ count: Int, _ width: Int, _ classes: [Int32],
    _ gradient: inout MutableSpan<Float>
  ) -> BatchLoss {
    var total = 0.0
    var correct = 0
    var softmax = SoftmaxRow(width: width)
    for n in 0..<count {
      let row = n * width
      softmax.read(outputs, from: row)
      let target = Int(classes[n])
      if softmax.best == target { correct += 1 }
      total += softmax.logSumExp - Double(outputs[row + target])
      if gradient.isEmpty { continue }
      for c in 0..<width {
        gradient[row + c] = Float((softmax[c] - (c == target ? 1 : 0)) / Double(count))
      }
    }
    return BatchLoss(value: total / Double(count), correct: correct)
  }

  private func squaredError(
    _ outputs: Span<Float>, _ count: Int, _ width: Int, _ values: [Float],
    _ gradient: inout MutableSpan<Float>
  ) -> BatchLoss {
    var total = 0.0
    var parts = [Double](repeating: 0, count: width)
    let scale = 1 / Double(count * width)
    for n in 0..<count {
      for d in 0..<width {
        let k = n * width + d
        let difference = Double(outputs[k]) - Double(values[k])
        total += difference * difference
        parts[d] += difference * difference
        if !gradient.isEmpty { gradient[k] = Float(2 * difference * scale) }
      }
    }
    return BatchLoss(value: total * scale, squaredErrors: total, squaredErrorsByTarget: parts)
  }

  private func gaussian(
    _ outputs: Span<Float>, _ count: Int, _ width: Int, _ values: [Float],
    _ gradient: inout MutableSpan<Float>
  ) -> BatchLoss {
    let targets = width / 2
    let scale = 1 / Double(count * targets)
    var total = 0.0
    var squares = 0.0
    var parts = [Double](repeating: 0, count: targets)
    for n in 0..<count {
      for d in 0..<targets {
        let mean = Double(outputs[n * width + d])
        let variance = Double(outputs[n * width + targets + d])
        let difference = mean - Double(values[n * targets + d])
        let square = difference * difference
        squares += square
        parts[d] += square
        total += square / (2 * variance) + 0.5 * log(variance)
        if gradient.isEmpty { continue }
        gradient[n * width + d] = Float(difference / variance * scale)
        gradient[n * width + targets + d] = Float(
          (0.5 / variance - square / (2 * variance * variance)) * scale)
      }
    }
    return BatchLoss(value: total * scale, squaredErrors: squares, squaredErrorsByTarget: parts)
  }
}
