import Testing

@testable import Files

@Suite struct DelimitedTextTests {
  /// The fields of each record, or the error's words.
  private func records(_ text: String, pieces: Int = .max) -> [[String]] {
    let bytes = Array(text.utf8)
    var start = 0
    var table = DelimitedText(
      TextLines(name: "t") {
        let end = min(bytes.count, start + min(pieces, bytes.count))
        defer { start = end }
        return Array(bytes[start..<end])
      })
    var found: [[String]] = []
    do {
      while let record = try table.next() { found.append(record.map(\.text)) }
    } catch { found.append(["\(error)"]) }
    return found
  }

  @Test(arguments: [
    ("1,2\n3,4\n", [["1", "2"], ["3", "4"]]),
    ("1\t2\n3\t4", [["1", "2"], ["3", "4"]]),
    ("1;2\r\n3;4\r\n", [["1", "2"], ["3", "4"]]),
    ("  1  2\n3\t4 \n", [["1", "2"], ["3", "4"]]),
    // The first of comma, tab, semicolon and blank.
    ("a;b\tc,d\n1,2\n", [["a;b\tc", "d"], ["1", "2"]]),
    // Empty lines, comments, blanks around.
    ("# by hand\n\n 1 , 2 \n  # more\n3,4\n\n", [["1", "2"], ["3", "4"]]),
    // Empty fields stay, at the end of a line too.
    (",1,\n2,,3\n", [["", "1", ""], ["2", "", "3"]]),
    ("\u{feff}1,2\n", [["1", "2"]]),
    ("", []), ("\n\n", []),
  ])
  func separators(text: String, expected: [[String]]) {
    #expect(records(text) == expected)
    // However the bytes come.
    #expect(records(text, pieces: 1) == expected)
    #expect(records(text, pieces: 3) == expected)
  }

  @Test(arguments: [
    ("\"a, b\",\"c\"\n1,2\n", [["a, b", "c"], ["1", "2"]]),
    // A separator within quotes is none, when the separator is found, either.
    ("\"a, b\";c\n1;2\n", [["a, b", "c"], ["1", "2"]]),
    ("\"say \"\"a\"\"\",1\n", [["say \"a\"", "1"]]),
    ("\"\",1\n", [["", "1"]]),
    ("  \" a \"  ,1\n", [[" a ", "1"]]),
    ("\"two\nlines\",1\n3,4\n", [["two\nlines", "1"], ["3", "4"]]),
    // A quote in the middle of a field is a character.
    ("5'10\",a\n6'1\",b\n", [["5'10\"", "a"], ["6'1\"", "b"]]),
    ("\"a b\" c\n1 2\n", [["a b", "c"], ["1", "2"]]),
  ])
  func quotes(text: String, expected: [[String]]) {
    #expect(records(text) == expected)
    #expect(records(text, pieces: 1) == expected)
  }

  @Test func whatIsWrong() {
    #expect(records("1,2\n\n3\n") == [["1", "2"], ["t: line 3: 1 fields, but line 1 has 2"]])
    #expect(records("1,2\n3,4,\n") == [["1", "2"], ["t: line 2: 3 fields, but line 1 has 2"]])
    #expect(records("1,2\n\"3,4\n5,6\n") == [["1", "2"], ["t: line 2: a quote has no end"]])
    var utf16 = TextLines(name: "t", [0xFF, 0xFE, 0x31, 0x00])
    #expect(throws: FileError(.wrongData, file: "t", "is text in UTF-16; save it as UTF-8")) {
      try utf16.next()
    }
  }

  @Test func linesAreCounted() throws {
    var table = DelimitedText(TextLines(name: "t", Array("# x\n1,\"a\nb\"\n\n2,c\n".utf8)))
    #expect(try table.next()?.map(\.line) == [2, 2])
    #expect(try table.next()?.map(\.isQuoted) == [false, false])
    #expect(try table.next() == nil)
  }
}
