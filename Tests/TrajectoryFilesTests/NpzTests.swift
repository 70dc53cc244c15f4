import Files
import TestSupport
import Testing
import WeightSpace

@testable import TrajectoryFiles

/// NumPy archives put together by hand, whole and wrong.
@Suite struct NpzTests {
  let folder = Folder()

  private let numbers = (0..<40_000).map { Float($0) }
  private var numberBytes: [UInt8] { littleEndian(numbers.map(\.bitPattern)) }

  @Test(arguments: [false, true])
  func reading(deflated: Bool) throws {
    var file = NpzBuilder()
    file.add(
      "layer/weight.npy", NpzBuilder.array("<f4", "(100, 400)", numberBytes), deflated: deflated)
    file.add(
      "half.npy", NpzBuilder.array("<f2", "(2,)", littleEndian([0x3c00, 0xc000] as [UInt16])),
      deflated: deflated)
    file.add("empty.npy", NpzBuilder.array("<f8", "(0, 7)", []), deflated: deflated)
    file.add(
      "double.npy", NpzBuilder.array("<f8", "()", littleEndian([(0.1).bitPattern]), version: 2),
      deflated: deflated)
    file.add("count.npy", NpzBuilder.array("<i8", "(1,)", littleEndian([9 as Int64])))
    file.add("words.npy", NpzBuilder.array("<U1", "(1,)", [65, 0, 0, 0]))
    let reader = try TrajectoryReader(folder.write("a.npz", file.bytes))
    #expect(reader.layout.slots.map(\.name) == ["layer/weight", "half", "empty", "double"])
    #expect(reader.layout.slots.map(\.shape) == [[100, 400], [2], [0, 7], []])
    #expect(reader.carried.map(\.name) == ["count"])
    var vector = WeightVector(count: 40_003)
    try reader.readWeights(0, into: &vector)
    #expect(vector.elements == numbers + [1, -2, 0.1])
    var part = [Double](repeating: 0, count: 3)
    var span = part.mutableSpan
    try reader.readColumns(40_000..<40_003, of: 0, into: &span)
    #expect(part == [1, -2, 0.1])
  }

  @Test func wrongArchives() throws {
    func message(_ build: (inout NpzBuilder) -> Void) -> String {
      var file = NpzBuilder()
      build(&file)
      let path = folder.write("a.npz", file.bytes)
      do {
        _ = try TrajectoryReader(path)
        return "no error"
      } catch { return String("\(error)".dropFirst(path.count + 2)) }
    }
    func array(_ array: [UInt8]) -> String { message { $0.add("a.npy", array) } }
    let eight = [UInt8](repeating: 0, count: 8)
    #expect(array(NpzBuilder.array("<f4", "(2,)", eight)) == "no error")
    #expect(
      array(NpzBuilder.array(">f4", "(2,)", eight))
        == "a: type \">f4\" is not read here; save it in little-endian order")
    #expect(
      array(NpzBuilder.array("<f4", "(2, 1)", eight, fortran: "True"))
        == "a: lies in Fortran order; save numpy.ascontiguousarray of it")
    #expect(array(NpzBuilder.array("<f4", "(2,)", eight, fortran: "True")) == "no error")
    #expect(
      array(NpzBuilder.array("<f4", "(3,)", eight))
        == "a: shape [3] takes 12 bytes, but the array has 8; cut off?")
    #expect(
      array(NpzBuilder.array("<f4", "(4611686018427387904, 4)", eight)).hasSuffix("is too large"))
    #expect(
      array(NpzBuilder.array("<f4", "(-2,)", eight)) == "a: its shape has a negative extent")
    #expect(array(NpzBuilder.array("<f4", "(2", eight)) == "a: its NumPy header is damaged")
    #expect(array(Array(repeating: 1, count: 100)) == "a: is no NumPy array")
    #expect(array([]) == "a: is no NumPy array")
    #expect(message { $0.add("archive/data.pkl", [1]) }.hasPrefix("damaged pickle"))
    #expect(message { $0.add("x.txt", [1]) } == "a zip archive without NumPy arrays")
    let good = NpzBuilder.array("<f4", "(2,)", eight)
    #expect(
      message {
        $0.add("a.npy", good)
        $0.add("a.npy", good)
      } == "a.npy: two members have that name")
    #expect(
      message { $0.add("a.npy", good, method: 12) } == "a.npy: is packed by method 12, not deflate")
    #expect(
      message { $0.add("a.npy", good, deflated: true, checksum: 1) }
        == "a.npy: the packed data are damaged")
    #expect(
      message { $0.add("a.npy", good, method: 8) } == "a.npy: the packed data are damaged")
    var file = NpzBuilder()
    file.add("a.npy", good)
    let path = folder.write("cut.npz", Array(file.bytes.dropLast(5)))
    let error = #expect(throws: FileError.self) { _ = try TrajectoryReader(path) }
    #expect(error?.problem == "a zip archive without its end: cut off, copy or make it again")
  }

  @Test func headsAreReadBack() throws {
    for shape in [[], [3], [2, 0, 5], Array(repeating: 1, count: 40_000)] {
      let bytes = NpyHeader.bytes(descriptor: "<f8", shape: shape)
      #expect(bytes.count % 64 == 0)
      #expect(try NpyHeader.length(bytes) == bytes.count)
      let header = try NpyHeader(bytes)
      #expect(header.shape == shape && header.descriptor == "<f8" && !header.isFortranOrder)
    }
  }
}
