import Files
import Glibc
import HDF5
import TestSupport
import Testing
import WeightSpace

@testable import TrajectoryFiles

/// Safetensors files put together by hand, whole and wrong.
@Suite struct SafetensorsTests {
  let folder = Folder()

  private func open(_ bytes: [UInt8], name: String = "a.safetensors") throws -> TrajectoryReader {
    try TrajectoryReader(folder.write(name, bytes))
  }

  private func weights(_ reader: TrajectoryReader) throws -> [Float] {
    var vector = WeightVector(count: reader.layout.count)
    try reader.readWeights(0, into: &vector)
    return vector.elements
  }

  @Test func typesAndKinds() throws {
    var file = SafetensorsBuilder()
    file.header.append(
      #""__metadata__": {"format": "pt", "architecture": "{}", "history": "b\na"}"#)
    file.add("conv.weight", [2, 1, 2, 1], [1, -2, 3, 4])
    file.add("bn.weight", "F16", [2], littleEndian([0x3c00, 0x0001] as [UInt16]))
    file.add("bn.bias", "BF16", [2], littleEndian([0x3f80, 0x8001] as [UInt16]))
    file.add("bn.num_batches_tracked", "I64", [], littleEndian([7 as Int64]))
    file.add(
      "bn.running_mean", "F64", [2], littleEndian([(0.1).bitPattern, (-1.5).bitPattern]))
    file.add("bn.running_var", [2], [1, 2])
    file.add("mask", "BOOL", [3], [1, 0, 1])
    file.add("none", [0, 3], [])
    file.add("scalar", "F64", [], littleEndian([(1.0 / 3).bitPattern]))
    // Its contents say what it is, whatever its name.
    for name in ["a.safetensors", "a", "a.h5"] {
      let reader = try open(file.bytes, name: name)
      #expect(
        reader.layout.slots.map(\.name)
          == ["conv.weight", "bn.weight", "bn.bias", "none", "scalar"])
      #expect(reader.layout.slots.map(\.role) == [.weight, .scale, .shift, .weight, .other])
      #expect(reader.layout.slots.map(\.shape) == [[2, 1, 2, 1], [2], [2], [0, 3], []])
      #expect(reader.bufferLayout?.slots.map(\.name) == ["bn.running_mean", "bn.running_var"])
      #expect(reader.carried.map(\.name) == ["bn.num_batches_tracked", "mask"])
      #expect(reader.snapshotCount == 1 && reader.columns.isEmpty)
      #expect(reader.architecture == "{}" && reader.history == ["b", "a"])
      #expect(reader.storedTypes == [.float32, .float16, .bfloat16, .float32, .float64])
      // The least numbers of both small types are subnormal.
      let expected: [Float] = [1, -2, 3, 4, 1, 0x1p-24, 1, -0x1p-133, Float(1.0 / 3)]
      #expect(try weights(reader) == expected)
      #expect(try reader.readBuffers(0) == [0.1, -1.5, 1, 2])
      var exact = [Double](repeating: 0, count: 9)
      var span = exact.mutableSpan
      try reader.readColumns(0..<9, of: 0, into: &span)
      #expect(exact == expected.dropLast().map { Double($0) } + [1.0 / 3])
      for first in 0...9 {
        for end in first...9 {
          var part = [Float](repeating: .nan, count: end - first)
          var span = part.mutableSpan
          try reader.readColumns(first..<end, of: 0, into: &span)
          #expect(part == Array(expected[first..<end]))
        }
      }
    }
  }

  /// Parts of tensors that are longer than what is converted at a time, in all types.
  @Test func longTensors() throws {
    let count = 20_001
    let numbers = (0..<count).map { Float($0 % 255 - 127) }
    var file = SafetensorsBuilder()
    file.add("a", "F16", [count], littleEndian(numbers.map { HalfPrecision.bits(of: Double($0)) }))
    file.add("b", "F64", [count], littleEndian(numbers.map { Double($0).bitPattern }))
    file.add("c", "BF16", [count], littleEndian(numbers.map { BrainFloat.bits(of: Double($0)) }))
    file.add("d", [count], numbers)
    let reader = try open(file.bytes)
    let all = numbers + numbers + numbers + numbers
    #expect(try weights(reader) == all)
    for range in [4095..<8193, 19_000..<61_000, 1..<80_003] {
      var part = [Float](repeating: 0, count: range.count)
      var span = part.mutableSpan
      try reader.readColumns(range, of: 0, into: &span)
      #expect(part == Array(all[range]))
      var doubles = [Double](repeating: 0, count: range.count)
      var exact = doubles.mutableSpan
      try reader.readColumns(range, of: 0, into: &exact)
      #expect(doubles == all[range].map { Double($0) })
    }
  }

  @Test func tensorsAreMatchedByName() throws {
    var file = SafetensorsBuilder()
    file.add("a", [2], [1, 2])
    file.add("b", [1], [3])
    _ = folder.write("a.safetensors", file.bytes)
    file = SafetensorsBuilder()
    file.add("b", [1], [30])
    file.add("a", [2], [10, 20])
    _ = folder.write("b.safetensors", file.bytes)
    let both = try SnapshotSequence(["a", "b"].map { folder.file("\($0).safetensors") })
    var values = [Float](repeating: 0, count: 3)
    var span = values.mutableSpan
    try both.readColumns(0..<3, of: 1, into: &span)
    #expect(values == [10, 20, 30])
    file.add("c", [1], [1])
    _ = folder.write("c.safetensors", file.bytes)
    let message = #expect(throws: FileError.self) {
      _ = try SnapshotSequence(["a", "c"].map { folder.file("\($0).safetensors") })
    }
    #expect(message?.object == "c" && message?.problem.hasPrefix("not in") == true)
  }

  @Test func notANumber() throws {
    var file = SafetensorsBuilder()
    file.add("a", [2], [1, 2])
    file.add("b", "F16", [3], littleEndian([0, 0xfc00, 0] as [UInt16]))
    var reader = try open(file.bytes)
    let error = #expect(throws: FileError.self) { _ = try weights(reader) }
    #expect(error?.object == "b" && error?.problem == "an infinity in snapshot 0, element 1")
    #expect(try reader.firstNonFinite(in: 0..<5) == error)
    file = SafetensorsBuilder()
    file.add("a", "F64", [2], littleEndian([(1.0).bitPattern, (1e300).bitPattern]))
    reader = try open(file.bytes)
    #expect(
      try reader.firstNonFinite(in: 0..<2)?.problem
        == "too large for float32 in snapshot 0, element 1")
  }

  /// A tensor as a header gives it.
  private func entry(_ name: String, _ offsets: String, type: String = "F32", shape: String = "[2]")
    -> String
  {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  /// Each header that lies, and the line it gets.
  @Test func headersThatLie() throws {
    let data = [UInt8](repeating: 0, count: 16)
    func message(_ bytes: [UInt8]) -> String {
      let path = folder.write("a.safetensors", bytes)
      do {
        _ = try TrajectoryReader(path)
        return "no error"
      } catch let error as FileError {
        #expect(error.kind == .wrongData && error.file == path)
        return String("\(error)".dropFirst(path.count + 2))
      } catch { return "\(error)" }
    }
    func header(_ members: String...) -> String {
      message(SafetensorsBuilder.file("{" + members.joined(separator: ",") + "}", data))
    }
    let good = [entry("a", "[0,8]"), entry("b", "[8,16]")]
    #expect(header(good[0], good[1]) == "no error")
    #expect(header(good[1], good[0]) == "no error")
    #expect(header(good[0], good[1], "\"__metadata__\":{}") == "no error")
    #expect(header(good[0], entry("b", "[4,12]")) == "b: overlaps a")
    #expect(
      header(good[0], entry("b", "[9,17]"))
        == "b: ends at byte 17 of the data, but there are only 16; cut off?")
    #expect(
      header(entry("b", "[8,16]"))
        == "b: begins at byte 8 of the data, which leaves a hole from 0 on")
    #expect(header(good[0]) == "8 bytes after the last tensor belong to none")
    #expect(
      header(good[0], entry("b", "[8,12]"))
        == "b: shape [2] of F32 takes 8 bytes, but data_offsets [8, 12] are 4")
    #expect(
      header(good[0], entry("b", "[16,8]")) == "b: data_offsets [16, 8] are not [begin, end]")
    #expect(header(good[0], entry("b", "[8]")) == "b: data_offsets [8] are not [begin, end]")
    #expect(header(good[0], entry("a", "[8,16]")) == "a: the name is used twice")
    #expect(
      header(good[0], entry("b", "[8,16]", type: "F4"))
        == "b: dtype \"F4\" is not read here")
    #expect(header(good[0], "\"b\":{\"shape\":[2],\"data_offsets\":[8,16]}") == "b: has no dtype")
    #expect(header(good[0], "\"b\":{\"dtype\":\"F32\",\"shape\":[2]}") == "b: has no data_offsets")
    #expect(
      header(good[0], "\"b\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2]}")
        == "b: dtype stands there twice")
    #expect(
      header(entry("a", "[0,0]", shape: "[4294967296,4294967296,4]"))
        == "a: shape [4294967296, 4294967296, 4] is too large")
    #expect(header(entry("a", "[0,8]", shape: "[-2]")).hasPrefix("a: a whole number is expected"))
    #expect(header(entry("a", "[0,8]", shape: "null")).hasPrefix("a: an array is expected"))
    #expect(header(entry("a\\n", "[0,8]")) == "a name holds a control character")
    #expect(header("\"__metadata__\":{},\"__metadata__\":{}").hasPrefix("header: __metadata__"))
    #expect(header("\"__metadata__\":{\"a\":1}").hasPrefix("header: a string is expected"))
    #expect(header(entry("a", "[0,16]", type: "I64")).hasPrefix("holds no weights"))
    #expect(message(SafetensorsBuilder.file("{}")).hasPrefix("holds no weights"))
    #expect(message(SafetensorsBuilder.file("[]")).hasPrefix("header: an object is expected"))
    #expect(message([1, 2, 3, 4, 5]) == "too short for a safetensors file")
    #expect(
      message(SafetensorsBuilder.file("{}", length: 3))
        == "header: claims 3 bytes, but the file has only 10; cut off?")
    for length: UInt64 in [100_000_001, .max, 1 << 63] {
      #expect(
        message(SafetensorsBuilder.file("{}", length: length)).hasPrefix(
          "header: claims \(length) bytes, more than 100000000"))
    }
  }

  @Test func shards() throws {
    var first = SafetensorsBuilder()
    first.add("b", [2], [1, 2])
    first.add("a", [1], [3])
    var second = SafetensorsBuilder()
    second.add("c", "BF16", [1], littleEndian([0x4080 as UInt16]))
    _ = folder.write("m-1.safetensors", first.bytes)
    _ = folder.write("m-2.safetensors", second.bytes)
    func index(_ map: String) -> String {
      folder.write("m.index.json", Array("{\"metadata\": {\"total_size\": 1}, \(map)}".utf8))
    }
    func message(_ map: String) -> String {
      do {
        _ = try TrajectoryReader(index(map))
        return "no error"
      } catch { return "\(error)".replacing(folder.path + "/", with: "") }
    }
    let map =
      "\"weight_map\": {\"c\": \"m-2.safetensors\", \"a\": \"m-1.safetensors\","
      + " \"b\": \"m-1.safetensors\"}"
    let reader = try TrajectoryReader(index(map))
    #expect(reader.layout.slots.map(\.name) == ["b", "a", "c"])
    #expect(try weights(reader) == [1, 2, 3, 4])
    #expect(
      message(map.replacing("\"c\"", with: "\"d\""))
        == "m.index.json: d: should be in m-2.safetensors, but is not")
    #expect(
      message(map.replacing("\"b\"", with: "\"a\"")) == "m.index.json: a: the name is used twice")
    #expect(
      message(
        map.replacing(", \"b\": \"m-1.safetensors\"", with: "").replacing(
          ", \"a\"", with: ", \"a\""))
        != "no error")
    #expect(
      message("\"weight_map\": {\"a\": \"m-1.safetensors\", \"c\": \"m-2.safetensors\"}")
        == "m-1.safetensors: b: not in the weight_map of m.index.json")
    #expect(
      message(map.replacing("m-2", with: "m-3"))
        == "m.index.json: c: should be in m-3.safetensors: no such file")
    #expect(
      message("\"weight_map\": {\"a\": \"../m-1.safetensors\"}")
        == "m.index.json: a: \"../m-1.safetensors\" is no file beside the index")
    #expect(message("\"weight_map\": {}") == "m.index.json: weight_map: is empty")
    #expect(message("\"x\": 1") == "m.index.json: has no weight_map")
    #expect(message("\"weight_map\": 1").hasPrefix("m.index.json: an object is expected"))
  }

  /// Thousands of damaged files: each is read, or refused by a FileError.
  @Test func damagedAnywhere() throws {
    var file = SafetensorsBuilder()
    file.add("a", [3], [1, 2, 3])
    file.add("b.running_mean", "F16", [2], [0, 1, 2, 3])
    file.add("n", "I64", [], littleEndian([1 as Int64]))
    var archive = NpzBuilder()
    archive.add("a.npy", NpzBuilder.array("<f4", "(2,)", littleEndian([1, 2] as [UInt32])))
    archive.add(
      "b.npy", NpzBuilder.array("<f8", "()", littleEndian([1 as UInt64])), deflated: true)
    // A linear congruential generator: the same damage at each run.
    var state: UInt64 = 1
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for whole in [file.bytes, archive.bytes] {
      var refused = 0
      for _ in 0..<2000 {
        var bytes = whole
        for _ in 0...random(3) where !bytes.isEmpty {
          let place = random(bytes.count)
          switch random(5) {
          case 0: bytes[place] = UInt8(random(256))
          case 1: bytes[place] ^= 1 << random(8)
          case 2: bytes.remove(at: place)
          case 3: bytes.insert(Array("{}[]\",:09-".utf8)[random(10)], at: place)
          default: bytes.removeLast(min(bytes.count, random(20)))
          }
        }
        do {
          let reader = try open(bytes)
          _ = try reader.firstNonFinite(in: 0..<reader.layout.count)
        } catch is FileError { refused += 1 }
      }
      #expect(refused > 1000)
    }
  }
}
