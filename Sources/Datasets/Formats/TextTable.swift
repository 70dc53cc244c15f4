import Files

/// A text table in memory, with or without a header; see `DelimitedText` and `TableHeader`.
struct TextTable {
  let source: SourceFile
  private(set) var rows: [[DelimitedText.Field]] = []
  let columns: TableColumns
  /// What to tell the user where the first line could be taken otherwise.
  let note: String?

  init(_ path: String, header: TableHeader = .guess, decimalComma: Bool = false) throws {
    source = try SourceFile(path, .text)
    var text = DelimitedText(
      TextLines(name: source.name, source.bytes), decimalComma: decimalComma)
    while let record = try text.next() { rows.append(record) }
    guard let first = rows.first else { throw source.problem("holds no rows") }
    let decision = header.decision(first: first, second: rows.dropFirst().first)
    note = decision.note
    columns = TableColumns(
      names: decision.isHeader ? first.map(\.text) : nil, count: first.count)
    if decision.isHeader { rows.removeFirst() }
    guard !rows.isEmpty else { throw source.problem("holds a header, but no rows") }
  }

  /// The number of the column of that name, or of that index, from 0; −1 is the last.
  ///
  /// - Throws: `FileError` where there is no such column.
  func column(_ name: String) throws -> Int {
    if let index = columns.index(of: name) { return index }
    let isNumber = Int(name) != nil
    let known = columns.names != nil || isNumber
    throw source.problem(
      "there is no column \(isNumber ? name : "'\(name)'")"
        + (known ? "\(columns.names == nil ? ": " : "; ")\(columns.listing)" : ""))
  }

  /// The error for a value that is not there.
  func missing(_ row: Int, _ column: Int) -> FileError {
    let field = rows[row][column]
    return source.problem(
      "line \(field.line): column \(columns.label(column)): '\(field.text)' is not a number; a value is"
        + " missing, and --missing says what becomes of it")
  }

  /// The field as a number that is finite as a Float.
  func number(_ row: Int, _ column: Int) throws -> Double {
    let field = rows[row][column]
    guard let value = field.number, value.isFinite else {
      if isMissing(field.text) { throw missing(row, column) }
      throw source.problem(
        "line \(field.line): column \(columns.label(column)): '\(field.text)' is not a number;"
          + " --categories makes features of words, --drop-columns leaves a column out")
    }
    guard Float(value).isFinite else {
      throw source.problem(
        "line \(field.line): column \(columns.label(column)): \(field.text) is too large for float32"
      )
    }
    return value
  }
}
