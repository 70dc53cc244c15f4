import Files
import Glibc

/// Rows of a text table: fields separated by commas, tabs, semicolons or blanks, with or without a
/// line of column names. Empty lines and lines that begin with `#` are passed over.
///
/// The file is gone through once to count its rows, and once for each pass over them; no more than a
/// block of rows is in memory.
final class CSVRows: RowSource {
  let shape: [Int]
  private let name: String
  private let separator: UInt8
  private let columns: Range<Int>
  private let fieldCount: Int
  private let hasHeader: Bool
  private let lines: TextLines
  private var nextRow = 0

  /// - Parameter selection: a column by name or number from 0 (−1 is the last), or numbers `a-b`; all
  ///   columns where it is nil.
  /// - Throws: `FileError`: `missingInput`; `wrongData` where it holds no rows or no such column.
  init(_ path: String, columns selection: String?) throws {
    name = path
    lines = try TextLines(path)
    guard let first = lines.next() else { throw FileError(.wrongData, file: path, "holds no rows") }
    let separators = [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: ";")]
    separator = separators.first { first.contains($0) } ?? UInt8(ascii: " ")
    let fields = textFields(first[...], separator: separator)
    fieldCount = fields.count
    hasHeader = fields.contains { number($0) == nil }
    let names = hasHeader ? fields.map { String(decoding: $0, as: UTF8.self) } : []
    guard let columns = Self.columns(selection, names: names, count: fields.count) else {
      let known =
        hasHeader ? "the columns are \(names.joined(separator: ", "))" : "there are \(fields.count)"
      throw FileError(.wrongData, file: path, "there is no column '\(selection!)'; \(known)")
    }
    self.columns = columns
    var count = hasHeader ? 0 : 1
    while lines.next() != nil { count += 1 }
    guard count > 0 else { throw FileError(.wrongData, file: path, "holds a header, but no rows") }
    shape = columns.count == 1 ? [count] : [count, columns.count]
    rewind()
  }

  private static func columns(_ selection: String?, names: [String], count: Int) -> Range<Int>? {
    guard let selection else { return 0..<count }
    if let i = names.firstIndex(of: selection) { return i..<i + 1 }
    if let i = Int(selection), (-count..<count).contains(i) {
      let index = i < 0 ? count + i : i
      return index..<index + 1
    }
    let bounds = selection.split(separator: "-").compactMap { Int($0) }
    guard bounds.count == 2, bounds[0] <= bounds[1], bounds[1] < count else { return nil }
    return bounds[0]..<bounds[1] + 1
  }

  private func rewind() {
    lines.rewind()
    if hasHeader { _ = lines.next() }
    nextRow = 0
  }

  var isDouble: Bool { true }
  var readsOnAnyThread: Bool { false }

  func problem(_ words: String) -> FileError { FileError(.wrongData, file: name, words) }

  func read(rows: Range<Int>, into target: inout MutableSpan<Float>) throws {
    try forEachNumber(rows) { target[$0] = Float($1) }
  }

  func read(rows: Range<Int>, into target: inout MutableSpan<Double>) throws {
    try forEachNumber(rows) { target[$0] = $1 }
  }

  private func forEachNumber(_ rows: Range<Int>, _ body: (Int, Double) -> Void) throws {
    if rows.lowerBound < nextRow { rewind() }
    while nextRow < rows.upperBound {
      guard let line = lines.next() else { throw problem("has become shorter") }
      if rows.contains(nextRow) {
        let fields = textFields(line[...], separator: separator)
        guard fields.count == fieldCount else {
          throw problem("line \(lines.number): \(fields.count) fields instead of \(fieldCount)")
        }
        let first = (nextRow - rows.lowerBound) * columns.count
        for (k, column) in columns.enumerated() {
          guard let value = number(fields[column]) else {
            let text = String(decoding: fields[column], as: UTF8.self)
            throw problem("line \(lines.number): column \(column): '\(text)' is not a number")
          }
          body(first + k, value)
        }
      }
      nextRow += 1
    }
  }
}

/// The lines of a file that are not empty and no comment, without their ends.
@safe private final class TextLines {
  private let stream: UnsafeMutablePointer<FILE>
  private var buffer: UnsafeMutablePointer<CChar>?
  private var capacity = 0
  /// The number of the line that `next` returned last, from 1.
  private(set) var number = 0

  init(_ path: String) throws {
    guard let stream = unsafe fopen(path, "re") else {
      throw FileError(.missingInput, file: path, errno == ENOENT ? "no such file" : "cannot open")
    }
    unsafe self.stream = stream
    var status = stat()
    guard unsafe fstat(fileno(stream), &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(
        .wrongData, file: path, "is no regular file, but text is gone through more than once")
    }
  }

  deinit {
    unsafe fclose(stream)
    unsafe free(buffer)
  }

  func rewind() {
    unsafe Glibc.rewind(stream)
    number = 0
  }

  func next() -> [UInt8]? {
    while true {
      let count = unsafe getline(&buffer, &capacity, stream)
      if count < 0 { return nil }
      number += 1
      let bytes = unsafe UnsafeRawBufferPointer(start: buffer, count: count)
      var line = unsafe Array(bytes)
      // The mark that some programs put before UTF-8.
      if number == 1 && line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
      while let last = line.last, last == 0x0A || last == 0x0D { line.removeLast() }
      guard let first = line.first(where: { $0 != 0x20 && $0 != 0x09 }), first != UInt8(ascii: "#")
      else { continue }
      return line
    }
  }
}

/// The fields of a line without blanks and quotes around them; blanks as separators may be several.
private func textFields(_ line: ArraySlice<UInt8>, separator: UInt8) -> [ArraySlice<UInt8>] {
  let blank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
  let parts =
    separator == 0x20
    ? line.split(whereSeparator: blank)
    : line.split(separator: separator, omittingEmptySubsequences: false)
  return parts.map { part in
    var part = part.drop(while: blank)
    while let last = part.last, blank(last) { part.removeLast() }
    if part.count >= 2, part.first == UInt8(ascii: "\""), part.last == UInt8(ascii: "\"") {
      part = part.dropFirst().dropLast()
    }
    return part
  }
}

/// The number that a field is, nil for anything else.
private func number(_ field: ArraySlice<UInt8>) -> Double? {
  Double(String(decoding: field, as: UTF8.self))
}
