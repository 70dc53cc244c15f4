import Glibc
import HDF5
import TestSupport
import Testing

@Suite struct HDF5FileTests {
  let folder = Folder()

  func writeSample(_ path: String) throws {
    let file = try HDF5File.create(path)
    try file.setAttribute("format", "weightspace")
    try file.setAttribute("history", ["second line", "first line, ünïcode"])
    try file.setAttribute("format_version", 1)
    try file.setAttribute("mean", [0.5, 0.25])
    try file.setAttribute("long", String(repeating: "x", count: 100_000))
    try file.createGroup("weights")
    let z = try file.createDataset(
      "weights/z", type: .float32, shape: [2, 3], maxShape: [nil, 3], chunk: [1, 3])
    try z.write([1, 2, 3, 4, 5, 6] as [Float])
    let a = try file.createDataset("weights/a.b", type: .int64, shape: [])
    try a.write([7] as [Int64])
    try file.close()
  }

  @Test func roundTrip() throws {
    let path = folder.file("a.h5")
    try writeSample(path)
    let file = try HDF5File.open(path)
    #expect(try file.stringAttribute("format") == "weightspace")
    #expect(try file.stringsAttribute("history") == ["second line", "first line, ünïcode"])
    #expect(try file.integerAttribute("format_version") == 1)
    #expect(try file.doublesAttribute("mean") == [0.5, 0.25])
    #expect(try file.stringAttribute("long")?.count == 100_000)
    #expect(try file.stringAttribute("mean") == nil)
    #expect(try file.stringAttribute("none") == nil)
    #expect(!file.hasAttribute("format", of: "nowhere"))
    #expect(try file.children(of: "weights").map(\.name) == ["z", "a.b"])
    #expect(file.exists("weights/z") && !file.exists("weights/z/y") && !file.exists("x/y"))
    let z = try file.dataset("weights/z")
    #expect(z.shape == [2, 3] && z.type == .float32)
    #expect(try z.read(Double.self) == [1, 2, 3, 4, 5, 6])
    #expect(try z.read(Float.self, start: [0, 1], count: [2, 2]) == [2, 3, 5, 6])
    #expect(try file.dataset("weights/a.b").read(Float.self) == [7])
  }

  @Test func sameCallsWriteTheSameBytes() throws {
    try writeSample(folder.file("a.h5"))
    sleep(1)
    try writeSample(folder.file("b.h5"))
    #expect(folder.bytes("a.h5") == folder.bytes("b.h5"))
    #expect(!folder.bytes("a.h5").isEmpty)
  }

  @Test func aFileBeingWrittenOpens() throws {
    let path = folder.file("grow.h5")
    let writer = try HDF5File.create(path)
    let data = try writer.createDataset(
      "x", type: .float32, shape: [1, 4], maxShape: [nil, 4], chunk: [1, 4])
    try data.write([1, 2, 3, 4] as [Float])
    try writer.flush()
    try data.extend(to: [2, 4])
    try data.write([5, 6, 7, 8] as [Float], start: [1, 0], count: [1, 4])
    // A copy stands for another process: this one would get the writer's own view.
    #expect(system("cp '\(path)' '\(folder.file("copy.h5"))'") == 0)
    let reader = try HDF5File.open(folder.file("copy.h5"))
    #expect(try reader.dataset("x").read(Float.self) == [1, 2, 3, 4])
    #expect(system("h5dump -H '\(path)' > /dev/null") == 0)
    try writer.close()
    #expect(try HDF5File.open(path).dataset("x").shape == [2, 4])
  }
}
