/// Products and sums of the extents that files claim, which may be any numbers.
public enum Extents {
  /// The product of extents, times `factor`; nil where one is negative, or where those that are not
  /// zero make more than an Int holds: then no product of some of them can overflow either.
  public static func product(_ extents: some Sequence<Int>, times factor: Int = 1) -> Int? {
    var product = factor
    var isEmpty = false
    for extent in extents {
      if extent < 0 { return nil }
      if extent == 0 {
        isEmpty = true
      } else {
        let (next, overflows) = product.multipliedReportingOverflow(by: extent)
        if overflows { return nil }
        product = next
      }
    }
    return isEmpty ? 0 : product
  }

  /// The sum; nil where it is more than an Int holds.
  public static func sum(_ numbers: some Sequence<Int>) -> Int? {
    var sum = 0
    for number in numbers {
      let (next, overflows) = sum.addingReportingOverflow(number)
      if overflows { return nil }
      sum = next
    }
    return sum
  }
}

extension String {
  /// The bytes of the name, by which names are compared: two texts that look alike, such as é in one
  /// character and in two, are equal as Strings.
  public var nameBytes: [UInt8] { Array(utf8) }

  /// Whether the names are the same to the byte.
  public func isSameName(as other: some StringProtocol) -> Bool {
    utf8.elementsEqual(other.utf8)
  }
}
