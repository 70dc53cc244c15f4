/// Some examples, ready for a network: normalised, augmented, in Float. Reuse one value for all
/// batches: its arrays are only reallocated when the size changes.
public struct Batch: Sendable {
  /// [count, shape…] row-major (images N, C, H, W), normalised.
  public var inputs: [Float] = []
  /// One class per example; empty for regression.
  public var classes: [Int32] = []
  /// [count, width] targets of a regression, normalised by the data set's target constants;
  /// empty for classification.
  public var values: [Float] = []
  /// The number of examples.
  public var count = 0

  public init() {}

  /// Makes room for `count` examples; contents are unspecified until written.
  mutating func resize(count: Int, features: Int, classes: Bool, width: Int) {
    self.count = count
    Self.fit(&inputs, count * features)
    Self.fit(&values, classes ? 0 : count * width)
    if self.classes.count != (classes ? count : 0) {
      self.classes = Array(repeating: 0, count: classes ? count : 0)
    }
  }

  private static func fit(_ elements: inout [Float], _ count: Int) {
    if elements.count > count {
      elements.removeLast(elements.count - count)
    } else if elements.count < count {
      elements = Array(repeating: 0, count: count)
    }
  }
}
