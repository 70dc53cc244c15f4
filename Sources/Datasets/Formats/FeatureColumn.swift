import Files

/// One column of a table as features.
struct FeatureColumn {
  enum Coding {
    /// Numbers; `fill` stands for those that are missing, where they may be.
    case number(fill: Float?)
    case oneHot([String: Int], count: Int)
    case codes([String: Int])
  }

  let column: Int
  let coding: Coding
  /// Of the features that it becomes.
  let names: [String]
  /// How many fields were missing and got a value.
  let filled: Int

  /// The name of the category of what is missing.
  private static let missing = "?"

  /// Finds out what a column holds in some rows.
  ///
  /// - Throws: `FileError` for a field that cannot be used, and one that is missing where nothing says
  ///   what becomes of it.
  init(
    _ column: Int, of table: TextTable, rows: [Int], _ features: TableFeatures
  ) throws {
    self.column = column
    let label = table.columns.names?[column] ?? String(column)
    let gaps = rows.count { isMissing(table.rows[$0][column].text) }
    let known = Self.levels(of: label, in: features.like?.featureNames ?? [])
    let areWords =
      features.like.map { $0.featureNames.isEmpty } ?? true
      ? rows.contains {
        let field = table.rows[$0][column]
        return field.number == nil && !isMissing(field.text)
      } : known != nil
    guard let categories = features.categories, areWords else {
      names = [label]
      let fill = gaps == 0 ? nil : try Self.fill(column, label, of: table, rows: rows, features)
      filled = fill == nil ? 0 : gaps
      coding = .number(fill: fill)
      return
    }
    filled = 0
    if gaps > 0, features.missing == .refused {
      let row = rows.first { isMissing(table.rows[$0][column].text) }!
      throw table.missing(row, column)
    }
    let levels = known ?? Self.levels(of: column, in: table, rows: rows)
    let numbers = Dictionary(zip(levels, levels.indices)) { first, _ in first }
    for row in rows where numbers[Self.text(table.rows[row][column])] == nil {
      throw table.source.problem(
        "line \(table.rows[row][column].line): column \(table.columns.label(column)): "
          + "'\(table.rows[row][column].text)' is not one of the \(levels.count) categories"
          + (features.like.map { " of \($0.name)" } ?? ""))
    }
    switch categories {
    case .oneHot:
      coding = .oneHot(numbers, count: levels.count)
      names = levels.map { "\(label)=\($0)" }
    case .codes:
      if let bad = levels.first(where: { $0.contains("|") }) {
        throw table.source.problem(
          "column \(table.columns.label(column)): the category '\(bad)' holds a |, which separates"
            + " names; take --categories one-hot")
      }
      coding = .codes(numbers)
      names = ["\(label):\(levels.joined(separator: "|"))"]
    }
  }

  /// Adds the features of a row.
  func append(_ row: Int, of table: TextTable, to inputs: inout [Float]) throws {
    let field = table.rows[row][column]
    switch coding {
    case .number(let fill):
      if let fill, isMissing(field.text) {
        inputs.append(fill)
      } else {
        inputs.append(Float(try table.number(row, column)))
      }
    case .oneHot(let levels, let count):
      let place = levels[Self.text(field)]!
      for i in 0..<count { inputs.append(i == place ? 1 : 0) }
    case .codes(let levels): inputs.append(Float(levels[Self.text(field)]!))
    }
  }

  private static func text(_ field: DelimitedText.Field) -> String {
    isMissing(field.text) ? missing : field.text
  }

  /// What stands for a missing number; nil where that is an error, which the number itself will be.
  private static func fill(
    _ column: Int, _ label: String, of table: TextTable, rows: [Int], _ features: TableFeatures
  ) throws -> Float? {
    switch features.missing {
    case .refused, .dropped: return nil
    case .value(let value): return value
    case .mean:
      if let like = features.like, let place = like.featureNames.firstIndex(of: label),
        like.inputMean.count == like.featureNames.count
      {
        return like.inputMean[place]
      }
      var (sum, count) = (0.0, 0)
      for row in rows where !isMissing(table.rows[row][column].text) {
        sum += try table.number(row, column)
        count += 1
      }
      guard count > 0 else {
        throw table.source.problem(
          "column \(table.columns.label(column)) holds no value, and so has no mean; --drop-columns"
            + " leaves it out")
      }
      return Float(sum / Double(count))
    }
  }

  /// The distinct words of a column in byte order, that of missing ones last.
  private static func levels(of column: Int, in table: TextTable, rows: [Int]) -> [String] {
    var distinct: Set<String> = []
    var hasGaps = false
    for row in rows {
      let field = table.rows[row][column]
      if isMissing(field.text) { hasGaps = true } else { distinct.insert(field.text) }
    }
    return distinct.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      + (hasGaps ? [missing] : [])
  }

  /// The categories that the features of another data set name for a column; nil for none.
  private static func levels(of label: String, in names: [String]) -> [String]? {
    let oneHot = names.filter { $0.hasPrefix(label + "=") }
    if !oneHot.isEmpty { return oneHot.map { String($0.dropFirst(label.count + 1)) } }
    guard let codes = names.first(where: { $0.hasPrefix(label + ":") }) else { return nil }
    return codes.dropFirst(label.count + 1).split(
      separator: "|", omittingEmptySubsequences: false
    ).map { String($0) }
  }
}
