import Files

/// What the targets of arrays are.
public enum TargetKind: Sendable {
  /// Whole numbers of an integer type are classes, all else values of a regression.
  case asStored
  case classification, regression
  /// Classes, as rows of zeros with one 1 in each.
  case oneHot

  /// Targets [N], [N, 1] or [N, D] of an array.
  ///
  /// - Returns: the targets, and the classes' names: their numbers.
  /// - Throws: `FileError` for text, another number of axes, and classes that are none.
  func targets(_ array: PlainTensor) throws -> (Dataset.Targets, classNames: [String]) {
    guard (1...2).contains(array.shape.count), array.count > 0 else {
      throw array.problem("shape \(array.shape) is neither [N] nor [N, outputs]")
    }
    let width = array.shape.count == 2 ? array.shape[1] : 1
    let areClasses =
      switch self {
      case .asStored: width == 1 && !array.type.isFloatingPoint
      case .classification: true
      case .regression, .oneHot: false
      }
    guard areClasses else {
      let values = try array.floats()
      if let i = firstNonFinite(values.span) {
        throw array.problem("example \(i / width): \(values[i]) is not a finite number")
      }
      return (.values(values, width: width), [])
    }
    guard width == 1 else {
      throw array.problem("shape \(array.shape) is not [N]: a class is one number; --one-hot?")
    }
    let labels = try array.read(0..<array.count)
    var classes = [Int32](repeating: 0, count: labels.count)
    for (i, label) in labels.enumerated() {
      guard label >= 0, label < Double(Dataset.maximumClassCount), label == label.rounded() else {
        throw array.problem(
          "example \(i): \(Dataset.text(label)) is not one of the classes 0…"
            + "\(Dataset.maximumClassCount - 1); --regression takes numbers")
      }
      classes[i] = Int32(label)
    }
    return (.classes(classes), (0...Int(classes.max()!)).map { String($0) })
  }
}
