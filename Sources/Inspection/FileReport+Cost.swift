// What reading all numbers of a file takes, which a quick look says.
extension FileReport {
  /// The bytes of all numbers as they are stored.
  public var storedBytes: Double { objects.reduce(0) { $0 + Double($1.count) * $1.elementSize } }

  /// A block of Doubles, and what it is made of.
  public var readingBytes: Double {
    let most = objects.map(\.count).max() ?? 0
    return 10 * Double(min(max(most, 0), 1 << 20))
  }

  public var readingSeconds: Double { 0.6e-9 * storedBytes + 60e-6 * Double(objects.count) }
}

extension ObjectReport {
  /// By the digits of the type's name: 4 for "float32".
  fileprivate var elementSize: Double {
    Int(type.filter(\.isNumber)).map { Double($0) / 8 } ?? 4
  }
}
