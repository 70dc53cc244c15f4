extension LearningRateSchedule {
  /// Whether the shape has cycles, at whose ends a snapshot can be taken.
  public var hasCycles: Bool {
    switch shape {
    case .cosine, .cyclic: true
    case .constant, .step, .swa: false
    }
  }

  /// Whether the rate is at its lowest at the end of epoch `epoch`, counted from 0: the end of a
  /// period of `cosine`, and of the first half of a cycle of `cyclic`, that is (e mod c) + 1 = c/2.
  ///
  /// These are the snapshots of a snapshot ensemble and of fast geometric ensembling. False for the
  /// other shapes.
  public func isCycleEnd(epoch: Int) -> Bool {
    switch shape {
    case .cosine(let period, let multiplier, _):
      let (start, length) = Self.period(of: epoch, first: period, multiplier: multiplier)
      return epoch - start + 1 == length
    case .cyclic(let cycle, _):
      return epoch % cycle + 1 == cycle / 2
    case .constant, .step, .swa:
      return false
    }
  }

  /// Start and length of the period that epoch `epoch` is in, when the first of `first` epochs is
  /// followed by ones each `multiplier` times as long.
  static func period(of epoch: Int, first: Int, multiplier: Int) -> (start: Int, length: Int) {
    if multiplier == 1 { return (epoch / first * first, first) }
    var start = 0
    var length = first
    while epoch - start >= length {
      start += length
      length *= min(multiplier, Int.max / length)
    }
    return (start, length)
  }

  /// Throws `HyperparameterError` for a shape that is not defined with this rate and length.
  static func check(_ shape: Shape, initialRate: Double, epochs: Int) throws {
    switch shape {
    case .constant:
      break
    case .step(let milestones, let gamma):
      try requirePositive("gamma", gamma)
      if milestones.isEmpty {
        throw HyperparameterError("milestones", "the step schedule needs at least one")
      }
      if let early = milestones.first(where: { $0 < 1 }) {
        throw HyperparameterError("milestones", "must be epochs from 1 on, not \(early)")
      }
    case .cosine(let period, let multiplier, let minimum):
      if period < 1 {
        throw HyperparameterError("first period", "must be at least 1 epoch, not \(period)")
      }
      if multiplier < 1 {
        throw HyperparameterError("period multiplier", "must be at least 1, not \(multiplier)")
      }
      try checkMinimum(minimum, initialRate: initialRate)
    case .swa(let start, let rate):
      try requirePositive("SWA learning rate", rate)
      if start < 0 || start > epochs {
        throw HyperparameterError(
          "SWA start", "must be an epoch from 0 to \(epochs), the end, not \(start)")
      }
    case .cyclic(let cycle, let minimum):
      if cycle < 2 || cycle % 2 != 0 {
        throw HyperparameterError("cycle", "must be an even number of epochs, not \(cycle)")
      }
      try checkMinimum(minimum, initialRate: initialRate)
    }
  }

  private static func checkMinimum(_ minimum: Double, initialRate: Double) throws {
    try requireNonNegative("lowest learning rate", minimum)
    if minimum > initialRate {
      throw HyperparameterError(
        "lowest learning rate", "\(minimum) is above the learning rate \(initialRate)")
    }
  }
}
