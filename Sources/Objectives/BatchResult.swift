/// How good the predictions of some examples are, beside their loss: sums, so that batches add up.
public struct Score: Sendable, Equatable {
  /// Examples whose largest output is their class (classification).
  public var correct: Int
  /// Σ over examples and targets of (prediction − target)², in the units of the training targets
  /// (regression).
  public var squaredErrors: Double
  /// The same sum for each target alone.
  public var squaredErrorsByTarget: [Double]
  /// How many errors the first sum has: examples times targets.
  public var values: Int

  public init(
    correct: Int = 0, squaredErrors: Double = 0, squaredErrorsByTarget: [Double] = [],
    values: Int = 0
  ) {
    self.correct = correct
    self.squaredErrors = squaredErrors
    self.squaredErrorsByTarget = squaredErrorsByTarget
    self.values = values
  }

  public static func += (a: inout Score, b: Score) {
    a.correct += b.correct
    a.squaredErrors += b.squaredErrors
    a.squaredErrorsByTarget.add(b.squaredErrorsByTarget)
    a.values += b.values
  }
}

/// What an objective found at a point: the mean loss of a batch, and what goes with it.
public struct BatchResult: Sendable, Equatable {
  /// The mean over the batch's examples.
  public var loss: Double
  /// How many examples the mean is over.
  public var examples: Int
  public var score: Score

  public init(loss: Double, examples: Int, score: Score = Score()) {
    self.loss = loss
    self.examples = examples
    self.score = score
  }
}

extension [Double] {
  /// Adds another sum element by element; an empty one is 0.
  public mutating func add(_ other: [Double]) {
    if isEmpty {
      self = other
    } else {
      for (i, value) in other.enumerated() { self[i] += value }
    }
  }
}
