import Files

/// What the target columns of a table are.
public enum TableTask: Sendable, Equatable {
  /// One column of class labels, numbers or words; nil: the distinct labels in ascending order
  /// (numbers by value, words by their bytes) are the classes. Otherwise the classes' names.
  case classification(classNames: [String]?)
  /// One or more columns of numbers.
  case regression
}

extension Dataset {
  /// Reads a text table with one example a row, gzipped or not: commas, tabs, semicolons or blanks,
  /// with or without a header.
  ///
  /// - Parameters:
  ///   - targets: the target columns by name or by index from 0, −1 the last; none for examples without.
  ///   - features: which other columns are features, and what becomes of words and gaps in them.
  ///   - header: whether the first line names the columns.
  ///   - decimalComma: whether numbers are written as 1,5.
  ///   - note: told what the user should know of a table that could be read otherwise, and what became of
  ///     values that are missing.
  /// - Throws: `FileError` naming line and column for a field that is not a number, rows of
  ///   different lengths, an unknown column, or a label that is no class.
  public static func csv(
    _ path: String, targets: [String] = ["-1"], task: TableTask,
    features: TableFeatures = TableFeatures(), header: TableHeader = .guess,
    decimalComma: Bool = false, note: (String) -> Void = { _ in }
  ) throws -> Dataset {
    let table = try TextTable(path, header: header, decimalComma: decimalComma)
    if let words = table.note { note("\(table.source.problem(words))") }
    let targetColumns = try targets.map { try table.column($0) }
    let columns = try features.columns(of: table, targets: targetColumns)
    let rows = try wholeRows(of: table, columns + targetColumns, features, note: note)
    let coded = try columns.map { try FeatureColumn($0, of: table, rows: rows, features) }
    try tellFilled(coded, of: table, note: note)
    let width = coded.reduce(0) { $0 + $1.names.count }
    guard width <= maximumClassCount else {
      throw table.source.problem(
        "its categories make \(width) features; --categories codes, or"
          + " --drop-columns")
    }
    var inputs: [Float] = []
    inputs.reserveCapacity(rows.count * width)
    for row in rows {
      for column in coded { try column.append(row, of: table, to: &inputs) }
    }
    let (labels, classNames) = try self.targets(targetColumns, task, of: table, rows: rows)
    var dataset = Dataset(
      name: table.source.name, inputShape: [width], inputs: .floats(inputs), targets: labels,
      classNames: classNames)
    dataset.isLabelled = !targets.isEmpty
    dataset.featureNames = coded.flatMap(\.names)
    try checkNames(dataset, features.like, hasHeader: table.columns.names != nil)
    return dataset
  }

  /// Two tables with headers name their features alike.
  private static func checkNames(_ dataset: Dataset, _ like: Dataset?, hasHeader: Bool) throws {
    guard hasHeader, let other = like?.featureNames, other.contains(where: { Int($0) == nil }),
      other != dataset.featureNames
    else { return }
    throw FileError(
      .wrongData, file: dataset.name,
      "its features are \(dataset.featureNames.joined(separator: ", ")), but those of \(like!.name)"
        + " are \(other.joined(separator: ", ")); --features names them in an order")
  }

  /// The rows that stay: all, or those without gaps.
  private static func wholeRows(
    of table: TextTable, _ columns: [Int], _ features: TableFeatures, note: (String) -> Void
  ) throws -> [Int] {
    guard features.missing == .dropped else { return Array(table.rows.indices) }
    let rows = table.rows.indices.filter { row in
      !columns.contains { isMissing(table.rows[row][$0].text) }
    }
    let gone = table.rows.count - rows.count
    guard !rows.isEmpty else { throw table.source.problem("every row has a value missing") }
    if gone > 0 {
      note(
        "\(table.source.name): left out \(gone) of \(table.rows.count) rows, which have values missing"
      )
    }
    return rows
  }

  private static func tellFilled(
    _ columns: [FeatureColumn], of table: TextTable, note: (String) -> Void
  ) throws {
    let filled = columns.filter { $0.filled > 0 }
    guard !filled.isEmpty else { return }
    let list = filled.map { "\(table.columns.label($0.column)) \($0.filled)" }
    note(
      "\(table.source.name): filled \(filled.reduce(0) { $0 + $1.filled }) missing values: "
        + list.joined(separator: ", "))
  }

  private static func targets(
    _ columns: [Int], _ task: TableTask, of table: TextTable, rows: [Int]
  ) throws -> (Targets, classNames: [String]) {
    if columns.isEmpty { return (.classes(Array(repeating: 0, count: rows.count)), []) }
    switch task {
    case .regression:
      var values: [Float] = []
      for row in rows {
        for column in columns { values.append(Float(try table.number(row, column))) }
      }
      return (.values(values, width: columns.count), [])
    case .classification(let known):
      precondition(columns.count == 1, "a classification has one target column")
      let labels = try rows.map { row in
        try checkedLabel(table.rows[row][columns[0]], table.columns.label(columns[0]), in: table)
      }
      let names = try known ?? classNames(of: labels, in: table)
      return (.classes(try classes(of: labels, names: names, in: table)), names)
    }
  }

  /// A label that is there, and not what a wrong separator leaves of a line.
  private static func checkedLabel(
    _ label: DelimitedText.Field, _ column: String, in table: TextTable
  ) throws -> DelimitedText.Field {
    if label.text.isEmpty {
      throw table.source.problem("line \(label.line): column \(column): a label is missing")
    }
    if !label.isQuoted, label.text.contains("\t") || label.text.contains(";") {
      throw table.source.problem(
        "line \(label.line): column \(column): the label '\(label.text.split(separator: "\t").joined(separator: " "))'"
          + " holds a separator: quote it, or write decimal points instead of commas")
    }
    return label
  }

  /// The distinct labels in ascending order, as names.
  private static func classNames(
    of labels: [DelimitedText.Field], in table: TextTable
  ) throws -> [String] {
    var distinct: Set<String> = []
    for label in labels { distinct.insert(canonical(label)) }
    if distinct.contains(where: { Double($0) != nil }),
      let label = labels.first(where: { isMissing($0.text) })
    {
      throw table.source.problem(
        "line \(label.line): '\(label.text)' among numbers: a label is missing")
    }
    guard distinct.count <= maximumClassCount else {
      throw table.source.problem("\(distinct.count) different labels (or is it --regression?)")
    }
    let numbers = distinct.map { Double($0) }
    if numbers.allSatisfy({ $0 != nil }) {
      if let bad = numbers.first(where: { $0! != $0!.rounded() }) {
        throw table.source.problem(
          "the target \(bad!) is not a class number; --regression predicts numbers")
      }
      return distinct.sorted { Double($0)! < Double($1)! }
    }
    return distinct.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func classes(
    of labels: [DelimitedText.Field], names: [String], in table: TextTable
  ) throws -> [Int32] {
    var numbers: [String: Int32] = [:]
    for (number, name) in names.enumerated() { numbers[name] = Int32(number) }
    return try labels.map { label in
      guard let number = numbers[canonical(label)] else {
        throw table.source.problem(
          "line \(label.line): '\(label.text)' is not one of the \(names.count) classes")
      }
      return number
    }
  }

  /// Whole numbers in their shortest form, so that 1, 1.0 and 1e0 are one class.
  private static func canonical(_ label: DelimitedText.Field) -> String {
    guard let number = label.number, number == number.rounded(), abs(number) < 1e15 else {
      return label.text
    }
    return String(Int(number))
  }
}
