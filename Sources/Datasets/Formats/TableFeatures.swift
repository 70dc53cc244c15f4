import Files

/// Which columns of a table are features, and what becomes of fields that are no numbers.
public struct TableFeatures: Sendable {
  public enum Categories: String, Sendable, CaseIterable {
    /// A feature for each category, 1 where it is there and else 0.
    case oneHot = "one-hot"
    /// Its number among the categories.
    case codes
  }

  public enum Missing: Sendable, Equatable {
    case refused
    /// Rows with a missing value are left out.
    case dropped
    /// The mean of those that are there, or of the data set that constants are taken from.
    case mean
    case value(Float)
  }

  /// Columns by name, by index from 0, or `A:B`, B exclusive, separated by commas; nil for all but the
  /// targets.
  public var chosen: String?
  /// Columns that are left out, in the same words.
  public var dropped: String?
  /// What becomes of words; nil: they are an error.
  public var categories: Categories?
  public var missing = Missing.refused
  /// The data set whose categories and means are taken.
  public var like: Dataset?

  public init() {}

  /// The numbers of the columns that are features, in the order in which they are named.
  ///
  /// - Throws: `FileError` where there is no such column, none is left, or a target is among them.
  func columns(of table: TextTable, targets: [Int]) throws -> [Int] {
    let out = Set(try dropped.map { try Self.columns($0, of: table) } ?? [])
    let named = try chosen.map { try Self.columns($0, of: table) }
    if let named {
      if let target = named.first(where: { targets.contains($0) }) {
        throw table.source.problem(
          "column \(table.columns.label(target)) is the target, and no feature; --target names it")
      }
      guard Set(named).count == named.count else {
        throw table.source.problem("a column is named twice among the features")
      }
    }
    let columns = (named ?? Array(0..<table.columns.count)).filter {
      !targets.contains($0) && !out.contains($0)
    }
    guard !columns.isEmpty else {
      throw table.source.problem(
        out.isEmpty ? "has no column beside the target" : "no column is left for a feature")
    }
    return columns
  }

  private static func columns(_ list: String, of table: TextTable) throws -> [Int] {
    try list.split(separator: ",", omittingEmptySubsequences: false).flatMap { word in
      let name = String(word)
      if let exact = table.columns.names?.firstIndex(of: name) { return [exact] }
      let ends = name.split(separator: ":", omittingEmptySubsequences: false)
      guard ends.count == 2 else { return [try table.column(name)] }
      func place(_ text: Substring, _ absent: Int) throws -> Int {
        if text.isEmpty { return absent }
        guard let number = Int(text) else {
          throw table.source.problem("'\(name)' is no range of columns: A:B are numbers")
        }
        return min(max(number < 0 ? number + table.columns.count : number, 0), table.columns.count)
      }
      let (first, end) = (try place(ends[0], 0), try place(ends[1], table.columns.count))
      guard first < end else { throw table.source.problem("'\(name)' names no column") }
      return Array(first..<end)
    }
  }
}
