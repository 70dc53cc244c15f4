import WeightSpace

/// A network's output, or what is made of it, that is NaN or infinite: weights, statistics or inputs
/// are so large that sums overflow.
public struct NonFiniteOutput: Error, CustomStringConvertible, Equatable {
  /// The example's number from 0.
  public let example: Int
  /// "an output", "the loss".
  public let what: String
  public let value: Double

  public init(example: Int, what: String, value: Double) {
    self.example = example
    self.what = what
    self.value = value
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.example == b.example && a.what == b.what
  }

  public var description: String { "\(what) of example \(example) is \(value)" }
}

extension Span<Float> {
  /// - Throws: `NonFiniteOutput` for the first of these outputs [n, width] that is not finite.
  public func requireFinite(width: Int, firstExample: Int) throws {
    guard !isFinite else { return }
    for i in 0..<count where !self[i].isFinite {
      throw NonFiniteOutput(
        example: firstExample + i / width, what: "an output", value: Double(self[i]))
    }
  }
}

extension Loss {
  /// The first example of a batch whose own loss is not finite.
  func firstNonFinite(_ outputs: Span<Float>, count: Int, width: Int, targets: BatchTargets) -> Int
  {
    (0..<count).first { row in
      let own: BatchTargets =
        switch targets {
        case .classes(let classes): .classes([classes[row]])
        case .values(let values):
          .values(Array(values[row * (values.count / count)..<(row + 1) * (values.count / count)]))
        }
      let part = outputs.extracting(row * width..<(row + 1) * width)
      return !evaluate(part, count: 1, width: width, targets: own).value.isFinite
    } ?? 0
  }
}
