import Calibration

extension ProbabilitySource {
  /// The temperature that minimises the negative log-likelihood of these predictions. Probabilities
  /// are taken as logits ln max(p, `floor`).
  ///
  /// Cost: about ten passes over the rows.
  public func fitTemperature(floor: Double) throws -> TemperatureFit {
    try TemperatureFit { beta in
      var total = TemperatureObjective(inverseTemperature: beta)
      try forEachBlock(
        as: .logits(floor: floor),
        measure: { block throws(InvalidRow) in
          var part = TemperatureObjective(inverseTemperature: beta)
          let (logits, classes) = (block.doubles, block.classes)
          try part.add(logits: logits.span, classes: classes.span, firstRow: block.rows.lowerBound)
          return part
        }, combine: { total.merge($1) })
      return total
    }
  }
}
