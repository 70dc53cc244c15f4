/// Columns whose terms are added up together: block widths that are multiples of it give sums of the
/// same bits.
public let columnLeaf = 1_024

extension ColumnBlocks {
  /// Calls `body` with the leaves of a block of so many columns, as ranges within it.
  public static func forEachLeaf(
    of count: Int, length: Int, _ body: (Range<Int>) throws -> Void
  ) rethrows {
    for start in stride(from: 0, to: count, by: length) {
      try body(start..<min(start + length, count))
    }
  }

  /// `terms` sums over all columns, made of each leaf's in the columns' order: they have the same
  /// bits for any number of threads and any width that is a multiple of `leaf`.
  ///
  /// - Parameters:
  ///   - load: fills a thread's memory with a block of columns.
  ///   - each: appends the terms of a leaf, given as a range within the block.
  /// - Throws: as `forEachBlock`.
  public func sums<Scratch>(
    terms: Int, leaf: Int = columnLeaf, scratch: @Sendable (_ width: Int) -> Scratch,
    load: @Sendable (Range<Int>, inout Scratch) throws -> Void,
    each: @Sendable (Range<Int>, inout Scratch, inout [Double]) throws -> Void
  ) throws -> [Double] {
    precondition(width % leaf == 0, "whole leaves")
    return try reduce(into: [Double](repeating: 0, count: terms), scratch: scratch) {
      columns, memory -> [Double] in
      try load(columns, &memory)
      var parts: [Double] = []
      try Self.forEachLeaf(of: columns.count, length: leaf) { try each($0, &memory, &parts) }
      return parts
    } fold: { total, parts in
      for i in parts.indices { total[i % terms] += parts[i] }
    }
  }
}
