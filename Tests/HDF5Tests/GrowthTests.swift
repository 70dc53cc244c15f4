import Files
import Glibc
import TestSupport
import Testing

@testable import HDF5

/// A file is whole at every moment between two calls that change it.
@Suite struct GrowthTests {
  let folder = Folder()

  /// Answers of the author's own program.
  @Test func checksums() {
    #expect(lookup3([]) == 0xdead_beef)
    #expect(lookup3(Array("Four score and seven years ago".utf8)[...]) == 0x1777_0551)
  }

  func size(_ path: String) -> Int { folder.bytes(path).count }

  /// The superblock leads an index to space that it does not know of yet.
  @Test(arguments: [0, 2])
  func theSuperblockComesFirst(_ version: Int) throws {
    let path = folder.file("a.h5")
    let file = try HDF5File.create(path, grows: true)
    try file.createDataset("x", type: .float32, shape: [4], allocateNow: true).write(
      [1, 2, 3, 4] as [Float])
    try file.flush()
    var bytes = folder.bytes("a.h5")
    #expect(bytes[8] == 2)
    if version == 0 {
      // Only the fields that matter.
      bytes.replaceSubrange(8..<16, with: [0, 0, 0, 0, 0, 8, 8, 0])
      bytes.replaceSubrange(40..<48, with: [200, 0, 0, 0, 0, 0, 0, 0])
      folder.write("a.h5", bytes)
    }
    let descriptor = open(path, O_RDWR)
    defer { close(descriptor) }
    let end = bytes.count + 100_000
    ftruncate(descriptor, end)
    try Superblock.claim(end: end, of: descriptor, file: path)
    let place = version == 0 ? 40 : 28
    let changed = folder.bytes("a.h5")
    #expect((0..<8).map { Int(changed[place + $0]) << (8 * $0) }.reduce(0, +) == end)
    if version == 2 {
      #expect(try HDF5File.open(path).dataset("x").read(Float.self) == [1, 2, 3, 4])
      // Never back.
      try Superblock.claim(end: 100, of: descriptor, file: path)
      #expect(folder.bytes("a.h5") == changed)
      // What has no right checksum is not ours to mend.
      bytes[44] ^= 1
      folder.write("b.h5", bytes)
      let other = open(folder.file("b.h5"), O_RDWR)
      defer { close(other) }
      try Superblock.claim(end: end, of: other, file: "b.h5")
      #expect(folder.bytes("b.h5") == bytes)
    }
  }

  /// Space that becomes free at the end does not make the file shorter.
  @Test func neverShorter() throws {
    let path = folder.file("a.h5")
    let file = try HDF5File.create(path, grows: true)
    let data = try file.createDataset(
      "x", type: .float32, shape: [1, 50_000], maxShape: [nil, 50_000], chunk: [1, 50_000])
    try data.write([Float](repeating: 1, count: 50_000))
    try file.flush()
    let before = size("a.h5")
    try data.extend(to: [0, 50_000])
    try file.flush()
    #expect(size("a.h5") >= before)
    try file.close()
    #expect(size("a.h5") >= before)
    #expect(try HDF5File.open(path).dataset("x").shape == [0, 50_000])
  }

  @Test func whatCannotGrow() throws {
    let file = try HDF5File.create(folder.file("a.h5"))
    let fixed = try file.createDataset("fixed", type: .float32, shape: [2])
    let limited = try file.createDataset(
      "limited", type: .float32, shape: [2], maxShape: [9], chunk: [2])
    let packed = try file.createDataset(
      "packed", type: .float32, shape: [2], maxShape: [nil], chunk: [2], compress: 1)
    let good = try file.createDataset(
      "good", type: .float32, shape: [2], maxShape: [nil], chunk: [2])
    #expect(try fixed.obstacleToGrowth() == "has a fixed length")
    #expect(try limited.obstacleToGrowth() == "has a fixed length")
    #expect(try packed.obstacleToGrowth() == "is compressed" && packed.isCompressed())
    #expect(try good.obstacleToGrowth() == nil)
    try good.extendRows(to: 5)
    try good.extendRows(to: 3)
    #expect(good.shape == [5])
  }
}
