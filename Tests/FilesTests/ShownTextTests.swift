import Files
import Testing

@Suite struct ShownTextTests {
  @Test func whatATerminalWouldObey() {
    #expect(shown("weights/φ é 1.0") == "weights/φ é 1.0")
    #expect(shown("a\nb\tc\r") == "a\\nb\\tc\\r")
    #expect(shown("\u{1b}[31m\0\u{7f}\u{9b}") == "\\u{1b}[31m\\u{0}\\u{7f}\\u{9b}")
    #expect(shown("a\u{202e}b\u{2028}") == "a\\u{202e}b\\u{2028}")
  }

  @Test func longNames() {
    let name = String(repeating: "a", count: 5000) + String(repeating: "ü", count: 5000)
    let short = shown(name)
    #expect(short.utf8.count <= 204 && short.hasPrefix("aaa") && short.hasSuffix("üü"))
    #expect(short.contains("…"))
    #expect(shown(String(repeating: "x", count: 200)).utf8.count == 200)
  }

  /// Every part of an error.
  @Test func errorsAreOneLine() {
    let error = FileError(
      .wrongData, file: "a\nb.h5", object: "w\u{1b}", "is \0 " + String(repeating: "y", count: 9999)
    )
    let line = error.description
    #expect(line.hasPrefix("a\\nb.h5: w\\u{1b}: is \\u{0} yyy") && line.utf8.count < 700)
    #expect(error.file == "a\nb.h5")
  }
}
