import TestSupport
import Testing

@testable import Files

@Suite struct TarTests {
  let folder = Folder()

  func members(_ bytes: [UInt8]) throws -> [TarDirectory.Member] {
    try TarDirectory(PlainFile(folder.write("a.tar", bytes))).members
  }

  func words(_ bytes: [UInt8]) -> String? {
    message { _ = try members(bytes) }?.replacing(folder.file("a.tar: "), with: "")
  }

  @Test func membersAndTheirPlaces() throws {
    let archive = TarBuilder.archive([("a", [1, 2, 3]), ("b/c", []), ("d", Array(0..<200) + [7])])
    let found = try members(archive)
    #expect(found.map(\.name) == ["a", "b/c", "d"] && found.map(\.size) == [3, 0, 201])
    #expect(found.map(\.address) == [512, 1536, 2048])
    // Without the zeros at the end, and with links and folders that are no files.
    let more =
      TarBuilder.member(Array("dir/".utf8), [], kind: "5")
      + TarBuilder.member(Array("l".utf8), [], kind: "2") + archive.dropLast(1024)
    #expect(try members(more).map(\.name) == ["a", "b/c", "d"])
  }

  /// Names longer than 100 bytes: ustar's prefix, pax, GNU. Sizes: pax, GNU's binary numbers.
  @Test func longNames() throws {
    let long = String(repeating: "x", count: 150) + "/é.jpg"
    let record = " path=\(long)\n"
    let length = record.utf8.count + 3
    let pax =
      TarBuilder.member(
        Array("p".utf8), Array("\(length)\(record)".utf8) + Array("10 size=3\n".utf8), kind: "x")
      + TarBuilder.member(Array("short".utf8), [1, 2, 3], size: Array("00000000000".utf8))
    let gnu =
      TarBuilder.member(Array("././@LongLink".utf8), Array(long.utf8) + [0], kind: "L")
      + TarBuilder.member(Array("short".utf8), [1, 2, 3], magic: "ustar  \u{0}")
    let prefixed = TarBuilder.member(Array("n.jpg".utf8), [1, 2, 3], prefix: "one/two")
    let binary = TarBuilder.member(
      Array("b".utf8), [1, 2, 3], size: [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3])
    let found = try members(pax + gnu + prefixed + binary + TarBuilder.archive([("last", [9])]))
    #expect(found.map(\.name) == [long, long, "one/two/n.jpg", "b", "last"])
    #expect(found.map(\.size) == [3, 3, 3, 3, 1])
  }

  @Test func damageIsSaid() {
    let archive = TarBuilder.archive([("a", [1, 2, 3]), ("b", Array(repeating: 5, count: 600))])
    #expect(
      words(Array("hello".utf8)) == "is no tar archive, or one without files (it looks like text)")
    #expect(words(Array(repeating: 0x41, count: 2000))?.hasPrefix("is no tar archive") == true)
    #expect(words([UInt8](repeating: 0, count: 1024))?.contains("one without files") == true)
    #expect(words(Array(archive[..<1700])) == "is cut off: 1700 bytes, but a file ends at 2136")
    var damaged = archive
    damaged[1030] ^= 1
    #expect(words(damaged) == "is damaged: no header at byte 1024")
    #expect(words(TarBuilder.member([0xff, 0xfe], [1]))?.contains("is not UTF-8") == true)
    #expect(
      words(TarBuilder.member(Array("p".utf8), Array("99 path=x\n".utf8), kind: "x"))
        == "is damaged: an extended header at byte 0")
    #expect(
      words(TarBuilder.member(Array("p".utf8), [], size: Array("77777777777".utf8)))?
        .hasPrefix("is cut off") == true)
    for i in 0..<archive.count where i % 3 == 0 {
      var other = archive
      other[i] ^= 0x11
      _ = words(other)
    }
  }
}
