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
  ///   - targets: the target columns by name or by index from 0, −1 the last; all others are features.
  ///   - header: whether the first line names the columns.
  ///   - note: told what the user should know of a table that could be read otherwise.
  /// - Throws: `FileError` naming line and column for a field that is not a number, rows of
  ///   different lengths, an unknown column, or a label that is no class.
  public static func csv(
    _ path: String, targets: [String] = ["-1"], task: TableTask, header: TableHeader = .guess,
    note: (String) -> Void = { _ in }
  ) throws -> Dataset {
    let table = try TextTable(path, header: header)
    if let words = table.note { note("\(table.source.problem(words))") }
    let targetColumns = try targets.map { try table.column($0) }
    let features = (0..<table.columns.count).filter { !targetColumns.contains($0) }
    guard !features.isEmpty else {
      throw table.source.problem("has no column beside the target")
    }
    var inputs: [Float] = []
    inputs.reserveCapacity(table.rows.count * features.count)
    for row in table.rows.indices {
      for column in features { inputs.append(Float(try table.number(row, column))) }
    }
    switch task {
    case .regression:
      var values: [Float] = []
      for row in table.rows.indices {
        for column in targetColumns { values.append(Float(try table.number(row, column))) }
      }
      return Dataset(
        name: table.source.name, inputShape: [features.count], inputs: .floats(inputs),
        targets: .values(values, width: targetColumns.count))
    case .classification(let known):
      precondition(targetColumns.count == 1, "a classification has one target column")
      let labels = try table.rows.map { row in
        try checkedLabel(row[targetColumns[0]], table.columns.label(targetColumns[0]), in: table)
      }
      let names = try known ?? classNames(of: labels, in: table)
      return Dataset(
        name: table.source.name, inputShape: [features.count], inputs: .floats(inputs),
        targets: .classes(try classes(of: labels, names: names, in: table)), classNames: names)
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
