import Foundation
import HDF5
import Testing

/// Averages of checkpoints in safetensors, tensor by tensor in their own types.
@Suite struct SwaAvgStateDictTests {
  let place = Workplace()

  private func write(_ name: String, _ build: (inout StateDictBuilder) -> Void) {
    var file = StateDictBuilder()
    build(&file)
    place.write(name, file.bytes)
  }

  private func tensors(_ name: String) throws -> [String: StateDictBuilder.Tensor] {
    try #require(StateDictBuilder.parse(place.bytes(name)), "\(name)").tensors
  }

  /// The average of the tensor "w" of such checkpoints, by the definition.
  private func average(of checkpoints: [Int]) -> [Float] {
    (0..<100_000).map { i in
      var sum = 0
      for t in checkpoints { sum += i * (t + 3) % 997 }
      return Float(Double(sum) / Double(checkpoints.count))
    }
  }

  /// Tensors of all types, more of float32 than one block holds.
  private func checkpoint(_ name: String, _ t: Int) {
    write(name) { file in
      file.add("w", "F32", [400, 250], average(of: [t]))
      file.add("half", "F16", [2], [UInt16(0x3c00 + t), 0x0001])
      file.add("brain", "BF16", [2], [UInt16(0x3f80 + t), 0x0080])
      file.add("double", "F64", [2], [1 / Double(t + 3), 1e-300 * Double(t)])
      file.add("bn.running_var", "F32", [1], [1 as Float])
      file.add("position_ids", "I64", [2], [Int64(t), -1])
    }
  }

  /// Quantised weights are integers: copied, and no average of anything where they differ.
  @Test func integersThatDiffer() throws {
    for (name, sign) in [("0.safetensors", 1), ("1.safetensors", -1)] as [(String, Int8)] {
      write(name) { file in
        file.add("lin.weight", "I8", [2], [sign, 2])
        file.add("lin.SCB", "F32", [1], [Float(sign)])
        file.add("steps", "I64", [1], [Int64(sign)])
      }
    }
    let outcome = place.succeeds("swa-avg 0.safetensors 1.safetensors -o o.safetensors")
    #expect(
      outcome.errors.hasPrefix(
        "swa-avg: 1.safetensors: lin.weight: is not of floating point and differs from that of"))
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
    // Counters of one number differ as a rule.
    #expect(place.succeeds("swa-avg 0.safetensors 0.safetensors -o o.safetensors").errors.isEmpty)
  }

  @Test func eachTypeIsAveragedInDouble() throws {
    for t in 0..<3 { checkpoint("\(t).safetensors", t) }
    place.succeeds("swa-avg [012].safetensors -o mean.safetensors")
    let mean = try tensors("mean.safetensors")
    #expect(mean.keys.sorted() == ["brain", "double", "half", "position_ids", "w"])
    #expect(mean["w"]?.numbers(Float.self) == average(of: [0, 1, 2]))
    // 0x3c00, 0x3c01 and 0x3c02 are neighbours; three times the least number is the least number.
    #expect(mean["half"]?.numbers(UInt16.self) == [0x3c01, 0x0001])
    #expect(mean["brain"]?.numbers(UInt16.self) == [0x3f81, 0x0080])
    // To the last bit of a Double, where a float32 would be off at the eighth digit.
    #expect(
      mean["double"]?.numbers(Double.self)
        == [(1.0 / 3 + 1.0 / 4 + 1.0 / 5) / 3, (0 + 1e-300 + 1e-300 * 2) / 3])
    #expect(mean["position_ids"]?.numbers(Int64.self) == [2, -1])
    #expect(mean.values.map(\.type).sorted() == ["BF16", "F16", "F32", "F64", "I64"])
    for (i, options) in ["", "-@1", "-@5", "-m 30K -@2"].enumerated() {
      place.succeeds("swa-avg [012].safetensors --no-history \(options) -o o\(i).safetensors")
      place.succeeds("cmp o0.safetensors o\(i).safetensors")
    }
  }

  /// Halfway between two numbers of a small type, the even one; a float32 in between would round
  /// twice.
  @Test func averagesAreRoundedOnce() throws {
    for (t, extra) in [0, 0x1p-40].enumerated() {
      write("\(t).safetensors") { file in
        file.add("w", "F64", [2], [1 + 0x1p-11 + 2 * extra, 1 + 0x1p-11])
      }
    }
    place.succeeds("swa-avg [01].safetensors --dtype float16 -o mean.safetensors")
    #expect(try tensors("mean.safetensors")["w"]?.numbers(UInt16.self) == [0x3c01, 0x3c00])
  }

  @Test func otherFormats() throws {
    for t in 0..<2 { checkpoint("\(t).safetensors", t) }
    place.succeeds("swa-avg [01].safetensors -o mean.h5")
    let file = try HDF5File.open(place.file("mean.h5"))
    #expect(!file.exists("buffers"))
    #expect(
      try file.dataset("weights/double").read(Float.self)
        == [Float((1.0 / 3 + 1.0 / 4) / 2), 0])
    place.succeeds("nn-convert 0.safetensors -o 0.h5 && swa-avg 0.h5 1.safetensors -o mixed.h5")
    let expected = average(of: [0, 1])
    #expect(
      try HDF5File.open(place.file("mixed.h5")).dataset("weights/w").read(Float.self) == expected)
    // A weight file gives float32.
    place.succeeds("swa-avg 0.h5 1.safetensors -o mixed.safetensors")
    #expect(try tensors("mixed.safetensors")["w"]?.numbers(Float.self) == expected)
    #expect(try tensors("mixed.safetensors")["half"]?.type == "F32")
    place.succeeds("swa-avg [01].safetensors --max-shard-size 200K -o s.safetensors")
    place.succeeds("nn-convert s.safetensors.index.json -o whole.safetensors")
    #expect(try tensors("whole.safetensors")["w"]?.numbers(Float.self) == expected)
    place.succeeds(
      "swa-avg [01].safetensors --ema 0 -o last.npz && nn-convert last.npz -o l.safetensors")
    #expect(try tensors("l.safetensors")["w"]?.numbers(Float.self) == average(of: [1]))
    place.fails(
      "swa-avg 0.safetensors 1.safetensors -o 0.safetensors", 73, "0.safetensors: is an input")
  }

  @Test func badInput() throws {
    for t in 0..<2 { checkpoint("\(t).safetensors", t) }
    place.fails(
      "swa-avg [01].safetensors --running -o x.safetensors", 64,
      "--running gives several snapshots")
    place.fails("swa-avg [01].safetensors --dtype float16 -o x.h5", 64, "--dtype needs an output")
    write("inf.safetensors") { $0.add("w", "F16", [2], [0x3c00, 0x7c00 as UInt16]) }
    place.fails(
      "swa-avg inf.safetensors -o x.safetensors", 65,
      "inf.safetensors: w: an infinity in snapshot 0, element 1")
    for (t, value) in [60_000, -60_000 as Float].enumerated() {
      write("large\(t).safetensors") { $0.add("w", "F32", [1], [value]) }
    }
    place.fails(
      "swa-avg large[01].safetensors --weights 2,-1 --dtype float16 -o x.safetensors", 65,
      "x.safetensors: w: element 0, 180000.0, is too large for F16")
  }
}
