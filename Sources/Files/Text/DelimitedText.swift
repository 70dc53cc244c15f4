/// The records of a text table, one after the other: fields separated by commas, tabs, semicolons or
/// blanks.
///
/// The separator is the first of those that stands in the first record outside of quotes; blanks may
/// be several and lead a line. A field may stand in double quotes, which are doubled inside, and then
/// hold separators and ends of lines. Empty lines and lines that begin with `#` are passed over. All
/// records have as many fields as the first.
public struct DelimitedText {
  /// A field of a record, without quotes, and without blanks around it.
  public struct Field: Equatable, Sendable {
    public let text: String
    /// The line in the file on which the record begins, from 1.
    public let line: Int
    public let isQuoted: Bool

    /// The number it is, nil for anything else.
    public var number: Double? { Double(text) }

    /// The same with a point for the comma, where it then is a number.
    fileprivate var withPoint: Field {
      let other = text.replacing(",", with: ".")
      return other != text && Double(other) != nil
        ? Field(text: other, line: line, isQuoted: isQuoted) : self
    }
  }

  private var lines: TextLines
  private let decimalComma: Bool
  private var separator: UInt8?
  /// Of the first record.
  private var shape: (fields: Int, line: Int)?

  /// - Parameter decimalComma: whether a comma separates no fields, but in numbers stands for a point,
  ///   which it becomes.
  public init(_ lines: TextLines, decimalComma: Bool = false) {
    self.lines = lines
    self.decimalComma = decimalComma
  }

  /// The fields of the next record; nil after the last.
  ///
  /// - Throws: what reading throws; `FileError` of kind `wrongData` for another number of fields than
  ///   in the first record, and for a quote without its end.
  public mutating func next() throws -> [Field]? {
    guard let first = try lines.nextWithContent() else { return nil }
    let number = lines.number
    var record = [first]
    if separator == nil {
      var finder = SeparatorFinder()
      finder.add(first)
      while finder.isInQuotes, let more = try lines.next() {
        record.append(more)
        finder.add(more)
      }
      separator = finder.separator(besides: decimalComma ? UInt8(ascii: ",") : nil)
    }
    var cutter = FieldCutter(separator: separator ?? 0x20, line: number)
    for (i, line) in record.enumerated() {
      if i > 0 { cutter.addEndOfLine() }
      cutter.add(line)
    }
    while cutter.isInQuotes {
      guard let more = try lines.next() else {
        throw problem("line \(number): a quote has no end")
      }
      cutter.addEndOfLine()
      cutter.add(more)
    }
    var fields = cutter.finish()
    if decimalComma { fields = fields.map(\.withPoint) }
    if let shape, fields.count != shape.fields {
      throw problem(
        "line \(number): \(fields.count) fields, but line \(shape.line) has \(shape.fields)")
    }
    shape = shape ?? (fields.count, number)
    return fields
  }

  /// The error for something wrong with the table.
  public func problem(_ problem: String) -> FileError {
    FileError(.wrongData, file: lines.name, problem)
  }
}

/// Finds what separates the fields of a record: the first of comma, tab and semicolon that stands in it
/// outside of quotes, else blanks.
private struct SeparatorFinder {
  private(set) var isInQuotes = false
  private var found: Set<UInt8> = []
  private var canOpen = true
  private var hasJustClosed = false

  func separator(besides other: UInt8?) -> UInt8 {
    [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: ";")]
      .first { found.contains($0) && $0 != other } ?? 0x20
  }

  mutating func add(_ line: ArraySlice<UInt8>) {
    for byte in line {
      let isQuote = byte == UInt8(ascii: "\"")
      if isInQuotes {
        isInQuotes = !isQuote
        hasJustClosed = isQuote
        continue
      }
      // A quote opens a field at its beginning; right behind its end it is a doubled one.
      if isQuote && (canOpen || hasJustClosed) {
        isInQuotes = true
      } else {
        found.insert(byte)
      }
      hasJustClosed = false
      canOpen = [0x20, 0x09, UInt8(ascii: ","), UInt8(ascii: ";")].contains(byte)
    }
  }
}

/// Cuts a record into fields, line by line.
private struct FieldCutter {
  let separator: UInt8
  let line: Int
  private var fields: [DelimitedText.Field] = []
  private var field: [UInt8] = []
  private var wasQuoted = false
  private(set) var isInQuotes = false

  init(separator: UInt8, line: Int) {
    self.separator = separator
    self.line = line
  }

  mutating func add(_ bytes: ArraySlice<UInt8>) {
    let quote = UInt8(ascii: "\"")
    var position = bytes.startIndex
    while position < bytes.endIndex {
      let byte = bytes[position]
      position += 1
      if isInQuotes {
        if byte != quote {
          field.append(byte)
        } else if position < bytes.endIndex, bytes[position] == quote {
          field.append(quote)
          position += 1
        } else {
          isInQuotes = false
        }
      } else if isSeparator(byte) {
        end()
      } else if byte == quote, !wasQuoted, field.allSatisfy(isBlank) {
        field = []
        (isInQuotes, wasQuoted) = (true, true)
      } else if !(wasQuoted && isBlank(byte)) {
        field.append(byte)
      }
    }
  }

  mutating func addEndOfLine() { field.append(UInt8(ascii: "\n")) }

  mutating func finish() -> [DelimitedText.Field] {
    end()
    return fields
  }

  private mutating func end() {
    var content = field[...]
    if !wasQuoted {
      content = content.drop(while: isBlank)
      while let last = content.last, isBlank(last) { content.removeLast() }
    }
    // Blanks that separate may be several, and stand at both ends of a line.
    if separator != 0x20 || wasQuoted || !content.isEmpty {
      fields.append(
        DelimitedText.Field(
          text: String(decoding: content, as: UTF8.self), line: line, isQuoted: wasQuoted))
    }
    field.removeAll(keepingCapacity: true)
    wasQuoted = false
  }

  private func isSeparator(_ byte: UInt8) -> Bool {
    byte == separator || separator == 0x20 && byte == 0x09
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
