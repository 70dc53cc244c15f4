import Files

/// Row numbers from a text file, as published splits come: numbers from 0 separated by white space
/// or commas, perhaps one split a line. Lines that begin with `#` are passed over.
public enum RowList {
  /// - Parameters:
  ///   - line: only that line of those that count, from 0; nil: all.
  ///   - count: how many rows there are.
  /// - Throws: `FileError` for what is no number, out of range or named twice, and a missing line.
  public static func read(_ path: String, line: Int?, count: Int) throws -> [Int] {
    let source = try SourceFile(path, .text)
    var lines: [(number: Int, words: [String])] = []
    var text = TextLines(name: source.name, source.bytes)
    while let bytes = try text.nextWithContent() {
      let words = String(decoding: bytes, as: UTF8.self).split {
        $0 == " " || $0 == "\t" || $0 == ","
      }
      if !words.isEmpty { lines.append((text.number, words.map { String($0) })) }
    }
    if let line {
      guard lines.indices.contains(line) else {
        throw source.problem("there is no line \(line): it has \(lines.count)")
      }
      lines = [lines[line]]
    }
    var seen = [Bool](repeating: false, count: count)
    var rows: [Int] = []
    for (number, words) in lines {
      for word in words {
        guard let row = Int(word), row >= 0, row < count else {
          throw source.problem("line \(number): '\(word)' is not one of the rows 0…\(count - 1)")
        }
        guard !seen[row] else { throw source.problem("line \(number): row \(row) is named twice") }
        seen[row] = true
        rows.append(row)
      }
    }
    return rows
  }
}
