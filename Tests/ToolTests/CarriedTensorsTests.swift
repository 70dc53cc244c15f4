import Files
import Foundation
import HDF5
import Testing

/// Tensors that are no weights, on their way through weight files.
@Suite struct CarriedTensorsTests {
  let place = Workplace()

  private func tensors(_ name: String) throws -> [String: StateDictBuilder.Tensor] {
    try #require(StateDictBuilder.parse(place.bytes(name)), "\(name)").tensors
  }

  /// A tensor of each type, without axes, without elements, and of more bytes than are copied at a time.
  private func stateDict(_ name: String, offset: Int32 = 0) {
    var file = StateDictBuilder()
    file.add("w", "F32", [2], [1, 2 + Float(offset)])
    file.add("bn.running_mean", "F32", [2], [0.5, -0.5 as Float])
    file.add("bn.num_batches_tracked", "I64", [], [7 + Int64(offset)])
    file.add("float.num_batches_tracked", "F32", [], [9 as Float])
    file.add("index", "I32", [3, 171, 201], (0..<103_113).map { Int32($0) * 20_001 + offset })
    file.add("mask", "BOOL", [2, 3], [1, 0, 1, 1, 0, 0] as [UInt8])
    file.add("flag", "BOOL", [], [1] as [UInt8])
    file.add("none", "I64", [0, 3], [] as [Int64])
    file.add("u8", "U8", [3], [0, 127, 255] as [UInt8])
    file.add("i8", "I8", [3], [-128, 0, 127] as [Int8])
    file.add("u16", "U16", [2], [0, 65_535] as [UInt16])
    file.add("i16", "I16", [2], [-32_768, 32_767] as [Int16])
    file.add("u32", "U32", [1], [UInt32.max])
    file.add("u64", "U64", [2], [UInt64.max, 1])
    file.add("i64", "I64", [2], [Int64.min, Int64.max])
    file.add("f8", "F8_E4M3", [3], [1, 2, 255] as [UInt8])
    file.add("complex", "C64", [1], [1, -2 as Float])
    place.write(name, file.bytes)
  }

  @Test func safetensorsThroughWeightFiles() throws {
    stateDict("a.safetensors")
    place.succeeds(
      "nn-convert a.safetensors --checksum -o a.h5 && nn-convert a.h5 -o b.safetensors")
    #expect(try tensors("b.safetensors") == (try tensors("a.safetensors")))
    place.succeeds("nn-convert a.h5 -o c.h5 && nn-convert < c.h5 -o d.safetensors")
    #expect(try tensors("d.safetensors") == (try tensors("a.safetensors")))
    place.succeeds("weights-check a.h5")
    let file = try HDF5File.open(place.file("a.h5"))
    #expect(try file.dataset("carried/index").shape == [3, 171, 201])
    #expect(try file.dataset("carried/u32").read(Int64.self) == [Int64(UInt32.max)])
    #expect(try file.dataset("carried/mask").byteType() == .truth)
    // The answer of sha256sum to the bytes 1 0 1 1 0 0.
    #expect(
      try file.stringAttribute("sha256", of: "carried/mask")
        == "4d3f5c4578b68dc6d7071441fb7f22a5686721a4ec1fd7a663260a54f3c21e2d")
    #expect(try file.dataset("carried/mask").read(Int32.self) == [1, 0, 1, 1, 0, 0])
    #expect(try file.dataset("carried/bn.num_batches_tracked").read(Int64.self) == [7])
    // Patterns are for them too.
    place.succeeds(
      "nn-convert a.h5 --drop 'u*' --drop 'i*' --rename '^flag$=truth' -o e.safetensors")
    #expect(
      try tensors("e.safetensors").keys.sorted() == [
        "bn.num_batches_tracked", "bn.running_mean", "complex", "f8", "float.num_batches_tracked",
        "mask", "none", "truth", "w",
      ])
  }

  @Test func arraysThroughWeightFiles() throws {
    stateDict("a.safetensors")
    place.succeeds("nn-convert a.safetensors --drop f8 --drop complex -o a.npz")
    place.succeeds("nn-convert a.npz -o a.h5 && nn-convert a.h5 -o b.npz && cmp a.npz b.npz")
  }

  @Test func checkpointsThroughWeightFiles() throws {
    let goldens = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../TrajectoryFilesTests/Goldens").standardizedFileURL.path
    for name in ["plain", "odd"] {
      place.succeeds("cp \(goldens)/checkpoint-\(name).pt \(name).pt")
      place.succeeds("nn-convert \(name).pt --dtype float32 -o \(name).safetensors")
      place.succeeds(
        "nn-convert \(name).pt -o \(name).h5 && nn-convert \(name).h5 -o b.safetensors")
      #expect(try tensors("b.safetensors") == (try tensors("\(name).safetensors")))
    }
  }

  /// One copy, that of the last file; and averages keep it.
  @Test func severalFiles() throws {
    stateDict("a.safetensors")
    stateDict("b.safetensors", offset: 2)
    let words =
      "b.safetensors: index: is not of floating point and differs from that of a.safetensors"
    for command in ["nn-convert", "swa-avg"] {
      let outcome = place.succeeds("\(command) a.safetensors b.safetensors -o run.h5")
      #expect(outcome.errors.hasPrefix("\(command): \(words)"), "\(outcome)")
      place.succeeds("nn-convert run.h5 --last 1 -o back.safetensors")
      var (back, expected) = (try tensors("back.safetensors"), try tensors("b.safetensors"))
      for name in ["w", "bn.running_mean"] {
        back[name] = nil
        expected[name] = nil
      }
      #expect(back == expected)
    }
    place.succeeds("nn-convert a.safetensors b.safetensors -q -o run.h5")
    place.succeeds("swa-avg -q run.h5 -o mean.safetensors")
    #expect(try tensors("mean.safetensors")["w"]?.numbers(Float.self) == [1, 3])
    #expect(
      try tensors("mean.safetensors")["index"] == (try tensors("b.safetensors"))["index"])
  }

  /// As `for k, v in sd.items(): f[k] = v` writes them, with groups and compressed ones.
  @Test func stateDictOfHDF5() throws {
    let file = try HDF5File.create(place.file("sd.h5"))
    try file.createGroup("attention/table")
    try file.createDataset("attention/weight", type: .float32, shape: [2]).write([1, 2] as [Float])
    try file.createDataset(
      "attention/table/index", type: .int64, shape: [100, 50], chunk: [30, 20], compress: 1
    ).write((0..<5000).map { Int64($0) - 9 })
    let mask = try file.createDataset("mask", bytes: .truth, shape: [3])
    try mask.write(bytes: [1, 0, 1], start: [0], count: [3])
    try file.createDataset("num_batches_tracked", type: .int32, shape: []).write([5 as Int32])
    try file.createGroup("optimizer/vars")
    try file.createDataset("optimizer/vars/0", type: .int64, shape: []).write([3 as Int64])
    try file.close()
    place.succeeds("nn-convert sd.h5 -o a.safetensors && nn-convert sd.h5 -o sd2.h5")
    place.succeeds("nn-convert sd2.h5 -o b.safetensors")
    let all = try tensors("a.safetensors")
    #expect(try tensors("b.safetensors") == all)
    #expect(
      all.keys.sorted() == [
        "attention.table.index", "attention.weight", "mask", "num_batches_tracked",
      ])
    #expect(all["attention.table.index"]?.numbers(Int64.self) == (0..<5000).map { Int64($0) - 9 })
    #expect(all["mask"]?.type == "BOOL" && all["mask"]?.numbers(UInt8.self) == [1, 0, 1])
    #expect(all["num_batches_tracked"]?.type == "I32")
  }

  @Test func newStatistics() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model small.json --epochs 1 -q -o run.h5")
    try place.stateDict("sd.h5", from: "run.h5", snapshot: 0)
    place.succeeds("bn-update sd.h5 --model small.json --data train.h5 -q -o new.h5")
    let file = try HDF5File.open(place.file("new.h5"))
    #expect(try file.dataset("carried/bn1.num_batches_tracked").read(Int64.self) == [7])
  }

  @Test func namesThatCannotBeKept() throws {
    var file = StateDictBuilder()
    file.add("w", "F32", [1], [1 as Float])
    file.add("a/b", "I32", [1], [1 as Int32])
    place.write("a.safetensors", file.bytes)
    place.fails("swa-avg a.safetensors -o x.h5", 65, "a/b: a name that HDF5 cannot keep")
    place.succeeds("nn-convert a.safetensors -o x.h5 && nn-convert x.h5 -o b.safetensors")
    #expect(try tensors("b.safetensors").keys.sorted() == ["a.b", "w"])
  }
}
