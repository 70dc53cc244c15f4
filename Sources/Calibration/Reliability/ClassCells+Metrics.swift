/// The Brier score's parts, summed over classes (Murphy 1973 for each class against the rest):
///
///     Brier = reliability − resolution + uncertainty + rest
///
/// With n_k rows of mean probability p̄_k and frequency ȳ_k in bin k of N rows in all, and ȳ the
/// class's frequency: reliability Σ n_k/N (p̄_k − ȳ_k)², resolution Σ n_k/N (ȳ_k − ȳ)², uncertainty
/// ȳ (1 − ȳ). The rest, which is zero where all rows of a bin have one probability, is how the
/// probabilities vary inside the bins (Stephenson, Coelho & Jolliffe 2008).
public struct BrierParts: Sendable, Equatable {
  public var reliability = 0.0
  public var resolution = 0.0
  public var uncertainty = 0.0
}

extension [ClassCell] {
  /// Mean over the C classes of Σ_k n_k/N |ȳ_k − p̄_k|: the static calibration error (Nixon et al.
  /// 2019, eq. 3), also called class-wise ECE (Kull et al. 2019), over bins of equal width.
  func classwiseError(classCount: Int, rowCount: Int) -> Double {
    var sum = 0.0
    for cell in self { sum += abs(Double(cell.trues) - cell.sum) }
    return sum / (Double(rowCount) * Double(classCount))
  }

  func brierParts(classCount: Int, rowCount: Int) -> BrierParts {
    var parts = BrierParts()
    let total = Double(rowCount)
    let binCount = count / classCount
    for j in 0..<classCount {
      let bins = self[j * binCount..<(j + 1) * binCount]
      var trues = 0
      for cell in bins { trues += cell.trues }
      let frequency = Double(trues) / total
      parts.uncertainty += frequency * (1 - frequency)
      for cell in bins where cell.count > 0 {
        let weight = Double(cell.count) / total
        let own = Double(cell.trues) / Double(cell.count)
        let gap = cell.sum / Double(cell.count) - own
        parts.reliability += weight * gap * gap
        parts.resolution += weight * (own - frequency) * (own - frequency)
      }
    }
    return parts
  }
}
