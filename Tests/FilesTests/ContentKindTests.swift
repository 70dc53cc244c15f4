import Files
import TestSupport
import Testing

@Suite struct ContentKindTests {
  @Test func firstBytes() {
    func kind(_ text: String) -> String? { kindOfContent(Array(text.utf8)) }
    #expect(
      kind("version https://git-lfs.github.com/spec/v1\noid sha256:")?.contains("LFS") == true)
    for page in ["<!DOCTYPE html>", "\n <html>", "\u{feff}<HTML lang", "<?xml version"] {
      #expect(kind(page)?.contains("web page") == true, "\(page)")
    }
    #expect(kind("0.1,0.2\n") == "it looks like text")
    // Cut off within a character.
    #expect(kindOfContent(Array("Fußgänger".utf8.prefix(3))) == "it looks like text")
    #expect(kindOfContent([0x1f, 0x8b, 8]) == "it is gzipped")
    #expect(kindOfContent([0xff, 0xfe, 1]) == nil && kindOfContent([]) == nil)
  }

  /// A pointer in place of a file says so whatever its name promises.
  @Test func pointersUnderOtherNames() {
    let folder = Folder()
    let path = folder.write("a.npy", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    #expect(
      message {
        let file = try PlainFile(path)
        _ = try PlainTensor(npy: file, name: "", at: 0, size: file.size)
      }?.contains("git lfs pull") == true)
  }
}
