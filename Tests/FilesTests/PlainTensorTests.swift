import Glibc
import Testing

@testable import Files

/// Arrays in NumPy's format, and the numbers in them.
@Suite struct PlainTensorTests {
  /// A file without a name.
  private func file(_ bytes: [UInt8]) throws -> PlainFile {
    let temporary = try TemporaryFile(in: "/tmp", nameless: true)
    try bytes.withUnsafeBytes {
      try BlockingTransfer.write($0, to: temporary.descriptor, at: 0, file: "t")
    }
    return try PlainFile(dup(temporary.descriptor), name: "t")
  }

  private func array<T>(_ type: NumberType, _ values: [T]) throws -> [Double] {
    let data = values.withUnsafeBytes { Array($0) }
    let head = NpyHeader.bytes(descriptor: type.descriptor!, shape: [values.count])
    let bytes = head + data
    let tensor = try #require(
      try PlainTensor(npy: file(bytes), name: "", at: 0, size: bytes.count))
    #expect(tensor.shape == [values.count] && tensor.type == type)
    var found = [Double](repeating: .nan, count: values.count)
    try found.withUnsafeMutableBufferPointer { try tensor.read(0..<values.count, into: $0) }
    return found
  }

  @Test func everyType() throws {
    #expect(try array(.bool, [0, 1] as [UInt8]) == [0, 1])
    #expect(try array(.uint8, [0, 255] as [UInt8]) == [0, 255])
    #expect(try array(.int8, [-128, 127] as [Int8]) == [-128, 127])
    #expect(try array(.uint16, [65535, 1] as [UInt16]) == [65535, 1])
    #expect(try array(.int16, [-32768, 1] as [Int16]) == [-32768, 1])
    #expect(try array(.uint32, [.max, 1] as [UInt32]) == [4_294_967_295, 1])
    #expect(try array(.int32, [.min, 1] as [Int32]) == [-2_147_483_648, 1])
    #expect(try array(.uint64, [1 << 53, 1] as [UInt64]) == [0x1p53, 1])
    #expect(try array(.int64, [-1 << 53, 1] as [Int64]) == [-0x1p53, 1])
    #expect(try array(.float32, [0.1, -0] as [Float]) == [Double(Float(0.1)), 0])
    #expect(try array(.float64, [0.1, .infinity] as [Double]) == [0.1, .infinity])
    #expect(try array(.float16, [0x3C00, 0xC000] as [UInt16]) == [1, -2])
  }

  /// Longer than a part that is read at once, and from the middle.
  @Test func manyNumbers() throws {
    let values = (0..<10_000).map { Float($0) / 3 }
    let bytes =
      NpyHeader.bytes(descriptor: "<f4", shape: [100, 100])
      + values.withUnsafeBytes { Array($0) }
    let tensor = try #require(try PlainTensor(npy: file(bytes), name: "", at: 0, size: bytes.count))
    var doubles = [Double](repeating: 0, count: 9_000)
    var floats = [Float](repeating: 0, count: 9_000)
    try doubles.withUnsafeMutableBufferPointer { try tensor.read(500..<9_500, into: $0) }
    try floats.withUnsafeMutableBufferPointer { try tensor.read(500..<9_500, into: $0) }
    #expect(floats == Array(values[500..<9_500]) && doubles == floats.map { Double($0) })
  }

  /// A file that has become shorter is damaged; reading it did not fail.
  @Test func beyondTheEnd() throws {
    let file = try self.file([1, 2, 3])
    var bytes = [UInt8](repeating: 0, count: 8)
    let error = #expect(throws: FileError.self) {
      try bytes.withUnsafeMutableBytes { try file.read(at: 0, into: $0) }
    }
    #expect(error?.kind == .wrongData && error?.problem == "the file ends too soon")
  }

  @Test func whatIsRefused() throws {
    func words(_ bytes: [UInt8]) -> String {
      do {
        let tensor = try PlainTensor(npy: file(bytes), name: "", at: 0, size: bytes.count)
        return tensor == nil ? "none" : "fine"
      } catch { return "\(error)" }
    }
    let head = { (type: String, shape: [Int]) in NpyHeader.bytes(descriptor: type, shape: shape) }
    #expect(words(head("<f4", [0])) == "fine")
    #expect(words(head("<U3", [0])) == "none")
    #expect(words(head(">f4", [0])).hasSuffix("is not read here; save it in little-endian order"))
    #expect(words(head("<f4", [1 << 62, 4])) == "t: shape [4611686018427387904, 4] is too large")
    #expect(words(head("<f4", [2])) == "t: shape [2] takes 8 bytes, but the array has 0; cut off?")
    #expect(words(head("<f4", [0]) + [1]) == "t: shape [0] takes 0 bytes, but the array has 1")
    #expect(
      words(Array(head("<f4", [0]).dropLast())) == "t: its NumPy header is longer than the array")
    #expect(words(Array("hello, this is text".utf8)) == "t: is no NumPy array (it looks like text)")
  }
}
