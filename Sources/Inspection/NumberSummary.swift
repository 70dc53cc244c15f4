/// The range of some numbers, added up block by block.
public struct NumberSummary: Sendable, Equatable {
  /// Of those that are finite; +∞ and −∞ where none is.
  public private(set) var minimum = Double.infinity
  public private(set) var maximum = -Double.infinity
  /// How many are NaN or infinite, and where the first is, in row-major order.
  public private(set) var nonFiniteCount = 0
  public private(set) var firstNonFinite: (index: Int, value: Double)?
  private var count = 0

  public init() {}

  /// Takes the next numbers in.
  public mutating func add<T: BinaryFloatingPoint>(_ values: Span<T>) {
    var (least, greatest) = (T.infinity, -T.infinity)
    for i in 0..<values.count {
      let value = values[i]
      guard value.isFinite else {
        if nonFiniteCount == 0 { firstNonFinite = (count + i, Double(value)) }
        nonFiniteCount += 1
        continue
      }
      if value < least { least = value }
      if value > greatest { greatest = value }
    }
    minimum = min(minimum, Double(least))
    maximum = max(maximum, Double(greatest))
    count += values.count
  }

  public static func == (a: NumberSummary, b: NumberSummary) -> Bool {
    a.minimum == b.minimum && a.maximum == b.maximum && a.nonFiniteCount == b.nonFiniteCount
      && a.firstNonFinite?.index == b.firstNonFinite?.index
  }
}
