import Glibc

/// The fields of a text table: one row a line, separated by commas, tabs, semicolons or blanks.
///
/// The separator is the first of those that the first line contains; blanks may be several and lead
/// a line. Fields may stand in double quotes, doubled inside. Empty lines and lines that begin with
/// `#` are passed over.
struct TextTable {
  let source: SourceFile
  /// The column names, where the first line is a header: it has a word where the second line has a
  /// number (in a table of one line: nothing but words).
  private(set) var header: [String]?
  private(set) var rows: [[Field]] = []
  let columnCount: Int

  /// A field and where it stands.
  struct Field {
    let text: String
    /// The line in the file, from 1.
    let line: Int

    /// The number it is, nil for anything else.
    var number: Double? { Double(text) }
  }

  init(_ path: String) throws {
    source = try SourceFile(path)
    let lines = source.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var separator: UInt8?
    var count = 0
    for (index, var line) in lines.enumerated() {
      if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
      guard let first = line.first(where: { $0 != 0x20 && $0 != 0x09 }),
        first != UInt8(ascii: "#")
      else { continue }
      if separator == nil { separator = Self.separator(in: line) }
      let fields = Self.fields(of: line, separator: separator!).map {
        Field(text: $0, line: index + 1)
      }
      if rows.isEmpty {
        count = fields.count
      } else if fields.count != count {
        throw source.problem(
          "line \(index + 1): \(fields.count) fields, but line \(rows[0][0].line) has \(count)")
      }
      rows.append(fields)
    }
    guard !rows.isEmpty else { throw source.problem("holds no rows") }
    columnCount = count
    let isHeader =
      rows.count > 1
      ? (0..<count).contains { rows[0][$0].number == nil && rows[1][$0].number != nil }
      : rows[0].allSatisfy { $0.number == nil }
    if isHeader { header = rows.removeFirst().map(\.text) }
    guard !rows.isEmpty else { throw source.problem("holds a header, but no rows") }
  }

  /// The number of the column of that name, or of that index, from 0; −1 is the last.
  ///
  /// - Throws: `FileError` where there is no such column.
  func column(_ name: String) throws -> Int {
    if let index = header?.firstIndex(of: name) { return index }
    guard let number = Int(name) else {
      let known = header.map { "; the columns are \($0.joined(separator: ", "))" } ?? ""
      throw source.problem("there is no column '\(name)'\(known)")
    }
    let index = number < 0 ? columnCount + number : number
    guard index >= 0 && index < columnCount else {
      throw source.problem("there is no column \(number): there are \(columnCount)")
    }
    return index
  }

  /// The field as a finite number.
  func number(_ row: Int, _ column: Int) throws -> Double {
    let field = rows[row][column]
    guard let value = field.number, value.isFinite else {
      let name = header.map { "'\($0[column])'" } ?? "\(column)"
      throw source.problem("line \(field.line): column \(name): '\(field.text)' is not a number")
    }
    return value
  }

  private static func separator(in line: ArraySlice<UInt8>) -> UInt8 {
    [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: ";")].first { line.contains($0) } ?? 0x20
  }

  private static func fields(of line: ArraySlice<UInt8>, separator: UInt8) -> [String] {
    let quote = UInt8(ascii: "\"")
    if !line.contains(quote) {
      return line.split(separator: separator, omittingEmptySubsequences: separator == 0x20)
        .filter { separator != 0x20 || !trimmed($0).isEmpty }
        .map { String(decoding: trimmed($0), as: UTF8.self) }
    }
    var fields: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    var wasQuoted = false
    func end() {
      if wasQuoted {
        fields.append(String(decoding: field, as: UTF8.self))
      } else if separator != 0x20 || !field.isEmpty {
        fields.append(String(decoding: trimmed(field[...]), as: UTF8.self))
      }
      field = []
      wasQuoted = false
    }
    var position = line.startIndex
    while position < line.endIndex {
      let byte = line[position]
      if byte == quote {
        if isQuoted, position + 1 < line.endIndex, line[position + 1] == quote {
          field.append(quote)
          position += 1
        } else {
          isQuoted.toggle()
          wasQuoted = true
        }
      } else if byte == separator && !isQuoted {
        end()
      } else if isQuoted || !(wasQuoted && byte == 0x20) {
        field.append(byte)
      }
      position += 1
    }
    end()
    return fields
  }

  private static func trimmed(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    var field = field.drop(while: isBlank)
    while let last = field.last, isBlank(last) { field.removeLast() }
    return field
  }
}
