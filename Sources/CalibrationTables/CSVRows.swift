import Files

/// Rows of a text table, with or without a header; see `DelimitedText` and `TableHeader`.
///
/// The file is gone through once to count its rows, and once for each pass over them; no more than a
/// block of rows is in memory.
final class CSVRows: RowSource {
  private(set) var shape: [Int]
  /// What to tell the user where the first line could be taken otherwise.
  private(set) var note: String?
  private let file: PlainFile
  private let chosen: Range<Int>
  private let columns: TableColumns
  /// Whether the first record is a column's number, 0, as much as it could be data.
  private let mayHaveHeader: Bool
  private var hasHeader: Bool
  /// Where the first record stands, from 1.
  private let firstLine: Int
  private var text: DelimitedText
  private var nextRow = 0

  /// - Parameters:
  ///   - selection: a column by name or number from 0 (−1 is the last), or numbers `a-b`; all columns
  ///     where it is nil.
  ///   - header: whether the first record names the columns.
  /// - Throws: `FileError`: `missingInput`; `wrongData` where it holds no rows or no such column.
  init(_ path: String, columns selection: String?, header: TableHeader = .guess) throws {
    file = try PlainFile(path)
    var text = DelimitedText(TextLines(file))
    guard let first = try text.next() else { throw text.problem("holds no rows") }
    let second = try text.next()
    let decision = header.decision(first: first, second: second)
    note = decision.note
    hasHeader = decision.isHeader
    firstLine = first[0].line
    if case .guess = header {
      mayHaveHeader = !decision.isHeader && first.count == 1 && first[0].text == "0"
    } else {
      mayHaveHeader = false
    }
    let columns = TableColumns(
      names: hasHeader ? first.map(\.text) : nil, count: first.count)
    self.columns = columns
    guard let chosen = Self.range(selection, of: columns) else {
      throw text.problem("there is no column '\(selection!)'; \(columns.listing)")
    }
    self.chosen = chosen
    var count = (hasHeader ? 0 : 1) + (second == nil ? 0 : 1)
    while try text.next() != nil { count += 1 }
    guard count > 0 else { throw text.problem("holds a header, but no rows") }
    shape = chosen.count == 1 ? [count] : [count, chosen.count]
    self.text = text
    try rewind()
  }

  private static func range(_ selection: String?, of columns: TableColumns) -> Range<Int>? {
    guard let selection else { return 0..<columns.count }
    if let index = columns.index(of: selection) { return index..<index + 1 }
    let bounds = selection.split(separator: "-").compactMap { Int($0) }
    guard bounds.count == 2, bounds[0] <= bounds[1], bounds[1] < columns.count else { return nil }
    return bounds[0]..<bounds[1] + 1
  }

  /// Takes a first record that may be a header for one where the table that belongs to it has one, and
  /// then as many rows.
  func agree(with other: CSVRows) throws {
    guard mayHaveHeader, !hasHeader, other.hasHeader, rowCount == other.rowCount + 1 else { return }
    hasHeader = true
    note = TableHeader.note(line: firstLine)
    shape[0] -= 1
    try rewind()
  }

  private func rewind() throws {
    text = DelimitedText(TextLines(file))
    if hasHeader { _ = try text.next() }
    nextRow = 0
  }

  var isDouble: Bool { true }
  var readsOnAnyThread: Bool { false }

  func problem(_ words: String) -> FileError { file.problem(words) }

  func read(rows: Range<Int>, into target: inout MutableSpan<Double>) throws {
    if rows.lowerBound < nextRow { try rewind() }
    while nextRow < rows.upperBound {
      guard let record = try text.next() else { throw problem("has become shorter") }
      if rows.contains(nextRow) {
        let first = (nextRow - rows.lowerBound) * chosen.count
        for (k, column) in chosen.enumerated() {
          let field = record[column]
          guard let value = field.number else {
            throw problem("line \(field.line): column \(column): '\(field.text)' is not a number")
          }
          target[first + k] = value
        }
      }
      nextRow += 1
    }
  }
}
