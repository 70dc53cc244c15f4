import Testing

@testable import Files

@Suite struct JSONScannerTests {
  /// The members of an object of strings; nil where the text is refused.
  private func texts(_ json: String) -> [[String]]? {
    var scanner = JSONScanner(Array(json.utf8))
    var found: [[String]] = []
    do {
      try scanner.object { name, scanner in found.append([name, try scanner.string()]) }
      try scanner.end()
      return found
    } catch { return nil }
  }

  private func isSkipped(_ json: String) -> Bool {
    var scanner = JSONScanner(Array(json.utf8))
    do {
      try scanner.skipValue()
      try scanner.end()
      return true
    } catch { return false }
  }

  private func number(_ json: String) -> Int? {
    var scanner = JSONScanner(Array(json.utf8))
    return try? scanner.wholeNumber()
  }

  @Test func objects() {
    #expect(texts("{}") == [])
    #expect(
      texts(" { \"b\" : \"1\" ,\n\t\"a\":\"2\", \"b\": \"\" } ") == [
        ["b", "1"], ["a", "2"], ["b", ""],
      ])
    for wrong in [
      "", "{", "{\"a\"}", "{\"a\":}", "{\"a\":\"b\"", "{\"a\":\"b\",}", "{\"a\":\"b\"}x",
      "{a:\"b\"}", "[\"a\"]", "{\"a\":\"b\" \"c\":\"d\"}", "{\"a\":1}",
    ] {
      #expect(texts(wrong) == nil, "\(wrong)")
    }
  }

  @Test func strings() {
    #expect(texts(#"{"a":"\"\\\/\b\f\n\r\t"}"#) == [["a", "\"\\/\u{8}\u{c}\n\r\t"]])
    #expect(texts(#"{"\u00e9":"\ud83d\ude00é\u0041"}"#) == [["é", "😀éA"]])
    for wrong in [
      #"\x"#, #"\u12"#, #"\u12g4"#, #"\ud83d"#, #"\ud83dx"#, #"\ude00"#, #"\ud83d\u0041"#, "\u{1}",
      "\n",
    ] {
      #expect(texts("{\"a\":\"\(wrong)\"}") == nil, "\(wrong)")
    }
    var scanner = JSONScanner([0x22, 0xff, 0x22])
    #expect(throws: JSONScanner.Failure.self) { try scanner.string() }
    for text in ["plain", "\"\\\n\u{1}é😀/"] {
      var scanner = JSONScanner(Array(jsonString(text).utf8))
      #expect((try? scanner.string()) == text)
    }
  }

  @Test func numbers() {
    #expect(number("0") == 0)
    #expect(number(" 120,") == 120)
    #expect(number("9223372036854775807") == .max)
    for wrong in ["", "-1", "01", "1.0", "1e3", "x", "9223372036854775808", "\"1\"", "null"] {
      #expect(number(wrong) == nil, "\(wrong)")
    }
  }

  @Test func skipping() {
    #expect(isSkipped(#"{"a": [1, -2.5e3, true, false, null, "x", {"b": []}]}"#))
    for wrong in ["", "{\"a\": }", "[1,]", "tru", "1-", "[1", "\"", "]"] {
      #expect(!isSkipped(wrong), "\(wrong)")
    }
    #expect(isSkipped(String(repeating: "[", count: 50) + String(repeating: "]", count: 50)))
    // Deep nesting must not exhaust the stack.
    #expect(!isSkipped(String(repeating: "[", count: 1_000_000)))
  }
}
