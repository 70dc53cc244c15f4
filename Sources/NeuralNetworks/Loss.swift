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
  public var correct: Int
  /// Σ over examples and targets of (prediction − target)², for regression.
  public var squaredErrors: Double
}

extension Loss {
  /// The batch's loss, and its gradient by the outputs where `gradient` is given. All sums are in
  /// Double.
  ///
  /// `outputs` and `gradient` are [count, width] row-major. Targets must be in range: the engine
  /// checks them once per batch.
  @unsafe func evaluate(
    _ outputs: UnsafeMutableBufferPointer<Float>, count: Int, width: Int, targets: BatchTargets,
    gradient: UnsafeMutableBufferPointer<Float>?
  ) -> BatchLoss {
    switch (self, targets) {
    case (.crossEntropy, .classes(let classes)):
      return unsafe crossEntropy(outputs, count, width, classes, gradient)
    case (.squaredError, .values(let values)):
      return unsafe squaredError(outputs, count, width, values, gradient)
    case (.gaussian, .values(let values)):
      return unsafe gaussian(outputs, count, width, values, gradient)
    default: preconditionFailure("the loss does not suit the targets")
    }
  }

  @unsafe private func crossEntropy(
    _ outputs: UnsafeMutableBufferPointer<Float>, _ count: Int, _ width: Int, _ classes: [Int32],
    _ gradient: UnsafeMutableBufferPointer<Float>?
  ) -> BatchLoss {
    var total = 0.0
    var correct = 0
    for n in 0..<count {
      let row = outputs.extracting((n * width)..<((n + 1) * width))
      var largest = unsafe row[0]
      var best = 0
      for c in 1..<width where unsafe row[c] > largest {
        unsafe largest = row[c]
        best = c
      }
      var sum = 0.0
      for c in 0..<width { unsafe sum += exp(Double(row[c] - largest)) }
      let target = Int(classes[n])
      if best == target { correct += 1 }
      unsafe total += log(sum) + Double(largest) - Double(row[target])
      if let gradient = unsafe gradient {
        let scale = 1 / Double(count)
        for c in 0..<width {
          let probability = unsafe exp(Double(row[c] - largest)) / sum
          unsafe gradient[n * width + c] = Float((probability - (c == target ? 1 : 0)) * scale)
        }
      }
    }
    return BatchLoss(value: total / Double(count), correct: correct, squaredErrors: 0)
  }

  @unsafe private func squaredError(
    _ outputs: UnsafeMutableBufferPointer<Float>, _ count: Int, _ width: Int, _ values: [Float],
    _ gradient: UnsafeMutableBufferPointer<Float>?
  ) -> BatchLoss {
    var total = 0.0
    let scale = 1 / Double(count * width)
    for k in 0..<(count * width) {
      let difference = unsafe Double(outputs[k]) - Double(values[k])
      total += difference * difference
      unsafe gradient?[k] = Float(2 * difference * scale)
    }
    return BatchLoss(value: total * scale, correct: 0, squaredErrors: total)
  }

  @unsafe private func gaussian(
    _ outputs: UnsafeMutableBufferPointer<Float>, _ count: Int, _ width: Int, _ values: [Float],
    _ gradient: UnsafeMutableBufferPointer<Float>?
  ) -> BatchLoss {
    let targets = width / 2
    let scale = 1 / Double(count * targets)
    var total = 0.0
    var squares = 0.0
    for n in 0..<count {
      for d in 0..<targets {
        let mean = unsafe Double(outputs[n * width + d])
        let variance = unsafe Double(outputs[n * width + targets + d])
        let difference = mean - Double(values[n * targets + d])
        let square = difference * difference
        squares += square
        total += square / (2 * variance) + 0.5 * log(variance)
        unsafe gradient?[n * width + d] = Float(difference / variance * scale)
        unsafe gradient?[n * width + targets + d] = Float(
          (0.5 / variance - square / (2 * variance * variance)) * scale)
      }
    }
    return BatchLoss(value: total * scale, correct: 0, squaredErrors: squares)
  }
}
