import Files
import TrajectoryFiles

/// A table on standard output: tab-separated with one header line, or JSON.
///
/// Rows appear as they are added. JSON is an array of objects, one to a line. Numbers have six
/// significant digits in the table and all they need to be exact in JSON; what is no number is
/// "nan" or "inf" in the table and null in JSON.
public struct Report {
  public enum Value: Sendable, Equatable {
    case text(String)
    case integer(Int)
    case number(Double)
    /// Nothing: an empty cell, null in JSON.
    case missing
  }

  public let columns: [String]
  private let json: Bool
  private let toStandardError: Bool
  private var rows = 0

  /// `toStandardError` is for tools whose standard output carries the result itself.
  public init(columns: [String], json: Bool, toStandardError: Bool = false) {
    self.columns = columns
    self.json = json
    self.toStandardError = toStandardError
  }

  /// Adds a row, one value for each column; the header comes before the first.
  ///
  /// - Throws: `FileError` of kind `inputOutput`, `ClosedPipe`.
  public mutating func add(_ values: [Value]) throws {
    precondition(values.count == columns.count, "a value for each column")
    var text = ""
    if json {
      text += rows == 0 ? "[\n" : ",\n"
      let members = zip(columns, values).map { "\(jsonString($0)): \(jsonText($1))" }
      text += "  {" + members.joined(separator: ", ") + "}"
    } else {
      if rows == 0 { text += columns.map(cell).joined(separator: "\t") + "\n" }
      text += values.map(tableText).joined(separator: "\t") + "\n"
    }
    rows += 1
    try write(text)
  }

  /// Ends the table.
  public mutating func finish() throws {
    if json {
      try write(rows == 0 ? "[]\n" : "\n]\n")
    } else if rows == 0 {
      try write(columns.map(cell).joined(separator: "\t") + "\n")
    }
  }

  private func write(_ text: String) throws {
    if toStandardError {
      StandardError.write(text)
    } else {
      try StandardOutput.write(text)
    }
  }
}

/// A text in one cell of one line.
private func cell(_ text: String) -> String {
  shown(String(text.map { $0 == "\t" || $0 == "\n" ? " " : $0 }), atMost: .max)
}

private func tableText(_ value: Report.Value) -> String {
  switch value {
  case .text(let text): cell(text)
  case .integer(let number): String(number)
  case .number(let number): number.significant(6)
  case .missing: ""
  }
}

private func jsonText(_ value: Report.Value) -> String {
  switch value {
  case .text(let text): jsonString(text)
  case .integer(let number): String(number)
  case .number(let number): number.isFinite ? "\(number)" : "null"
  case .missing: "null"
  }
}
