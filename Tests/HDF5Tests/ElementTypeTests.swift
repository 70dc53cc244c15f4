import HDF5
import TestSupport
import Testing

@Suite struct ElementTypeTests {
  let folder = Folder()

  @Test(arguments: [ElementType.float16, .bfloat16, .float32, .float64])
  func floatsRoundTrip(_ type: ElementType) throws {
    // Representable in all four types, subnormals of float16 and the infinities among them.
    let values: [Float] = [0, -0.0, 1, -1.5, 0.25, 3, 0x1p-24, -0x1p-14, .infinity, -.infinity]
    let path = folder.file("a.h5")
    let file = try HDF5File.create(path)
    try file.createDataset("x", type: type, shape: [values.count]).write(values)
    try file.close()
    let data = try HDF5File.open(path).dataset("x")
    #expect(data.type == type)
    let bits: [UInt32] = try data.read(Float.self).map { $0.bitPattern }
    #expect(bits == values.map { $0.bitPattern })
    let wide: [Double] = try data.read()
    #expect(wide == values.map { Double($0) })
    #expect(try data.read(Float.self, start: [3], count: [2]) == [-1.5, 0.25])
  }

  @Test func notANumberStaysOne() throws {
    let path = folder.file("a.h5")
    let file = try HDF5File.create(path)
    for (name, type) in [("h", ElementType.float16), ("b", .bfloat16), ("f", .float32)] {
      try file.createDataset(name, type: type, shape: [1]).write([Float.nan])
    }
    try file.close()
    let reader = try HDF5File.open(path)
    for name in ["h", "b", "f"] {
      #expect(try reader.dataset(name).read(Float.self)[0].isNaN, "\(name)")
    }
  }

  @Test func brainFloatsAsIntegers() throws {
    let path = folder.file("a.h5")
    let file = try HDF5File.create(path)
    try file.createDataset("x", type: .uint16, shape: [2]).write([0x3f80, 0xc020] as [UInt16])
    try file.setAttribute("dtype", of: "x", "bfloat16")
    try file.createDataset("y", type: .uint16, shape: [2]).write([0x3f80, 2] as [UInt16])
    try file.close()
    let reader = try HDF5File.open(path)
    #expect(try reader.dataset("x").type == .bfloat16)
    #expect(try reader.dataset("x").read(Float.self) == [1, -2.5])
    #expect(try reader.dataset("y").type == .uint16)
    #expect(try reader.dataset("y").read(Float.self) == [16256, 2])
  }

  @Test func integersConvert() throws {
    let path = folder.file("a.h5")
    let file = try HDF5File.create(path)
    try file.createDataset("x", type: .uint8, shape: [3]).write([0, 128, 255] as [UInt8])
    try file.createDataset("y", type: .int64, shape: [2]).write([-1, 9] as [Int64])
    try file.close()
    let reader = try HDF5File.open(path)
    #expect(try reader.dataset("x").read(Int32.self) == [0, 128, 255])
    #expect(try reader.dataset("y").read(Int32.self) == [-1, 9])
  }

  @Test func compressed() throws {
    let path = folder.file("a.h5")
    let file = try HDF5File.create(path)
    let values = (0..<10_000).map { Float($0 % 10) }
    try file.createDataset(
      "x", type: .float32, shape: [10, 1000], chunk: [1, 1000], compress: 4
    ).write(values)
    try file.close()
    #expect(folder.bytes("a.h5").count < 10_000)
    #expect(try HDF5File.open(path).dataset("x").read(Float.self) == values)
  }
}
