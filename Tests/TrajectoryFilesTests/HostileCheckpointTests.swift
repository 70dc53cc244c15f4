import Files
import TestSupport
import Testing

@testable import TrajectoryFiles

/// Checkpoints that claim what they do not have, or would run something.
@Suite struct HostileCheckpointTests {
  private let folder = Folder()
  private let eight = littleEndian((0..<8).map { Float($0).bitPattern })

  /// The numbers of "w", or what is wrong.
  private func outcome(_ bytes: [UInt8]) -> String {
    let path = folder.write("a.pt", bytes)
    do {
      let reader = try TrajectoryReader(path)
      let count = reader.layout.count
      var values = [Float](repeating: 0, count: count)
      var span = values.mutableSpan
      try reader.readColumns(0..<count, of: 0, into: &span)
      return "\(values)"
    } catch { return String("\(error)".dropFirst(path.count + 2)) }
  }

  private func outcome(_ value: (inout PickleBuilder) -> Void) -> String {
    outcome(PickleBuilder.archive(PickleBuilder.dictionary(value), storage: eight))
  }

  @Test func wholeFiles() {
    #expect(outcome { $0.tensor([2, 2], strides: [2, 1], count: 8) } == "[0.0, 1.0, 2.0, 3.0]")
    #expect(
      outcome { $0.tensor([2, 2], strides: [1, 4], offset: 2, count: 8) } == "[2.0, 6.0, 3.0, 7.0]")
    let pickle = PickleBuilder.dictionary {
      $0.tensor([2], strides: [1], offset: 1, count: 8, view: [3, 4], legacy: true)
    }
    #expect(outcome(PickleBuilder.legacy(pickle, count: 8, storage: eight)) == "[4.0, 5.0]")
  }

  @Test func claimsOfTensors() {
    func tensor(
      _ shape: [Int], _ strides: [Int], offset: Int = 0, count: Int = 8,
      type: String = "FloatStorage"
    ) -> String {
      outcome { $0.tensor(shape, strides: strides, offset: offset, count: count, type: type) }
    }
    #expect(tensor([9], [1]) == "w: reaches beyond its storage of 8 numbers")
    #expect(tensor([8], [1], offset: 1) == "w: reaches beyond its storage of 8 numbers")
    #expect(tensor([2], [.max]) == "w: reaches beyond its storage of 8 numbers")
    #expect(tensor([3], [1 << 62]) == "w: reaches beyond its storage of 8 numbers")
    #expect(tensor([1], [1], offset: .max) == "w: reaches beyond its storage of 8 numbers")
    #expect(tensor([1], [1], offset: -1) == "w: shape [1] with strides [1] is none of a tensor")
    #expect(tensor([2], [-1], offset: 4) == "w: shape [2] with strides [-1] is none of a tensor")
    #expect(tensor([-2], [1]) == "w: shape [-2] with strides [1] is none of a tensor")
    #expect(tensor([2, 2], [1]) == "w: shape [2, 2] with strides [1] is none of a tensor")
    #expect(tensor([1 << 40, 1 << 40], [0, 0]).hasSuffix("is none of a tensor"))
    #expect(
      tensor([1 << 40], [0])
        == "w: repeats the numbers of a smaller storage; save it after .contiguous()")
    #expect(tensor([1], [1], count: 9).hasPrefix("w: storage 0 should have 9 numbers"))
    #expect(tensor([1], [1], count: .max).hasPrefix("w: storage 0 should have"))
    #expect(tensor([1], [1], count: -1).hasPrefix("damaged pickle: a storage without"))
    #expect(tensor([1], [1], type: "NoStorage").hasPrefix("damaged pickle: a storage of the class"))
    #expect(tensor([8], [1], type: "DoubleStorage").hasPrefix("w: storage 0 should have 8 numbers"))
    #expect(tensor([0, 1 << 40], [1 << 40, 1]) == "[]")
  }

  /// Nothing is run: what it would make is passed over.
  @Test func programs() {
    let none = "holds no dictionary of tensors of floating point"
    #expect(
      outcome {
        $0.global("os", "system")
        $0.text("touch \(folder.file("touched"))")
        $0.raw([0x85])
        $0.add("R")
      } == none)
    // Neither a tensor among the arguments, nor one in the state of an object.
    #expect(
      outcome {
        $0.global("builtins", "exec")
        $0.tensor([2], strides: [1], count: 8)
        $0.raw([0x85])
        $0.add("R")
        $0.add("}")
        $0.text("x")
        $0.tensor([2], strides: [1], count: 8)
        $0.add("s")
        $0.add("b")
      } == none)
    #expect(
      outcome {
        $0.global("torch._tensor", "_rebuild_from_type_v2")
        $0.add("(")
        $0.global("builtins", "eval")
        $0.add("N")
        $0.text("1")
        $0.raw([0x85])
        $0.add("N")
        $0.add("t")
        $0.add("R")
      } == none)
    var object = PickleBuilder()
    object.global("posix", "system")
    object.text("touch \(folder.file("touched"))")
    object.raw([0x85])
    object.add("R")
    object.add(".")
    #expect(
      outcome(PickleBuilder.archive(object.bytes, storage: eight)).hasPrefix(
        "holds an object of posix.system, which only running it would make"))
    #expect(!folder.listing.contains("touched"))
  }

  /// A list that holds itself, and one that is nested deeper than any stack.
  @Test func recursion() {
    #expect(
      outcome {
        $0.add("]")
        $0.add("q", [0])
        $0.add("h", [0])
        $0.add("a")
      }.hasPrefix("holds no"))
    let depth = 400_000
    #expect(
      outcome {
        $0.raw([UInt8](repeating: UInt8(ascii: "]"), count: depth))
        $0.raw([UInt8](repeating: UInt8(ascii: "a"), count: depth - 1))
      }.hasPrefix("holds no"))
    // Each list holds the one before ten times: a billion lists if they were gone through.
    #expect(
      outcome {
        $0.add("(")
        $0.add("]")
        for level in 0..<30 {
          $0.add("q", [UInt8(level)])
          $0.add("]")
          $0.add("(")
          for _ in 0..<10 { $0.add("h", [UInt8(level)]) }
          $0.add("e")
        }
        $0.add("t")
      }.hasPrefix("holds no"))
  }

  @Test func damagedPickles() {
    func pickle(_ bytes: [UInt8]) -> String {
      outcome(PickleBuilder.archive([0x80, 2] + bytes, storage: eight))
    }
    let all: [([UInt8], String)] = [
      ([], "ends too soon"), ([0x2e], "takes a value where there is none"),
      ([0x58, 0xff, 0xff, 0xff, 0xff], "claims 4294967295 bytes more"),
      ([0x8d] + [UInt8](repeating: 0xff, count: 8), "claims 18446744073709551615 bytes"),
      ([0x8b, 0xff, 0xff, 0xff, 0x7f], "claims 2147483647 bytes more"),
      ([0x68, 7], "recalls value 7"), ([0x74], "collects values from nowhere"),
      ([0x7d, 0x4e, 0x73], "takes a value where there is none"),
      ([0x4e, 0x28, 0x86], "takes 2 values where there are fewer"),
      ([0x7d, 0x28, 0x4e, 0x75], "a key without a value"),
      ([0x4b, 1, 0x4e, 0x61], "appends to what is no list"), ([0x69], "instruction 0x69"),
      ([0x80, 9], "protocol 9"), ([0x4e, 0x4e, 0x93], "imports what has no name"),
      ([0x63] + [UInt8](repeating: 0x61, count: 2000), "a name in it is too long"),
    ]
    for (bytes, words) in all {
      #expect(pickle(bytes).hasPrefix("damaged pickle: \(words)"), "\(bytes.prefix(8))")
    }
    // A stack, and values, without end.
    #expect(
      pickle([UInt8](repeating: 0x4e, count: 5_000_000)).contains("a stack of too many values"))
    #expect(pickle([UInt8](repeating: 0x28, count: 40_000_000)).contains("too many values"))
    #expect(
      pickle(
        [UInt8](repeating: 0, count: 12_000_000).enumerated().map { $0.0 % 2 == 0 ? 0x7d : 0x30 }
      )
      .contains("makes too many values"))
  }

  @Test func archives() {
    let whole = PickleBuilder.dictionary { $0.tensor([8], strides: [1], count: 8) }
    #expect(
      outcome(PickleBuilder.archive(whole, storage: eight, deflated: true))
        == "w: storage 0 is missing, or compressed")
    #expect(
      outcome(PickleBuilder.archive(whole, storage: [1, 2])).hasPrefix("w: storage 0 should"))
    var file = NpzBuilder()
    file.add("archive/data.pkl", whole, deflated: true)
    #expect(outcome(file.bytes).hasPrefix("archive/data.pkl: is compressed"))
    file = NpzBuilder()
    file.add("archive/data.pkl", whole)
    file.add("archive/data.pkl", whole)
    #expect(outcome(file.bytes) == "archive/data.pkl: two members have that name")
    file = NpzBuilder()
    file.add("archive/data.pkl", whole)
    file.add("other/data.pkl", whole)
    #expect(outcome(file.bytes) == "other/data.pkl: holds several pickles")
    file = NpzBuilder()
    file.add("archive/data.pkl", whole)
    file.add("archive/byteorder", Array("big".utf8))
    #expect(outcome(file.bytes).hasPrefix("numbers are big-endian"))
    file = NpzBuilder()
    file.add("archive/data.pkl", whole)
    file.add("archive/constants.pkl", whole)
    #expect(outcome(file.bytes).hasPrefix("is a TorchScript program"))
    let bytes = PickleBuilder.archive(whole, storage: eight)
    for length in 4..<bytes.count { #expect(outcome(Array(bytes[..<length])).first != "[") }
    // Two items of one name.
    let twice = PickleBuilder.dictionary {
      $0.tensor([8], strides: [1], count: 8)
      $0.add("s")
      $0.text("w")
      $0.tensor([8], strides: [1], count: 8)
    }
    #expect(
      outcome(PickleBuilder.archive(twice, storage: eight)) == "w: two tensors have that name")
    // One storage for a thousand times what the file has.
    let many = PickleBuilder.dictionary {
      $0.add("}")
      for i in 0..<10_000 {
        $0.text("\(i)")
        if i == 0 {
          $0.tensor([20_000], strides: [1], count: 20_000)
          $0.add("q", [9])
        } else {
          $0.add("h", [9])
        }
        $0.add("s")
      }
    }
    let large = [UInt8](repeating: 0, count: 80_000)
    #expect(
      outcome(PickleBuilder.archive(many, storage: large))
        == "its tensors claim far more numbers than the file has")
  }

  @Test func pickles() {
    let whole = PickleBuilder.dictionary {
      $0.tensor([8], strides: [1], count: 8, legacy: true)
    }
    let bytes = PickleBuilder.legacy(whole, count: 8, storage: eight)
    #expect(outcome(bytes).hasPrefix("[0.0, 1.0"))
    for length in 16..<bytes.count { #expect(outcome(Array(bytes[..<length])).first != "[") }
    #expect(
      outcome(PickleBuilder.legacy(whole, count: 9, storage: eight)).hasPrefix(
        "storage 0 claims 9 numbers, but the file ends before"))
    #expect(
      outcome(PickleBuilder.legacy(whole, count: -1, storage: eight)).hasPrefix("damaged pickle"))
    #expect(
      outcome(PickleBuilder.legacy(whole, count: .max, storage: eight)).hasPrefix(
        "storage 0 claims"))
    #expect(
      outcome(PickleBuilder.legacy(whole, count: 7, storage: eight)).hasPrefix(
        "w: storage 0 should"))
    #expect(
      outcome(PickleBuilder.legacy(whole, count: 8, storage: eight, key: "5")).contains(
        "a storage that no tensor has"))
    let part = PickleBuilder.dictionary {
      $0.tensor([2], strides: [1], count: 8, view: [7, 2], legacy: true)
    }
    #expect(
      outcome(PickleBuilder.legacy(part, count: 8, storage: eight)).contains(
        "a part of a storage that lies beyond it"))
    // A pickle of something else than torch.save.
    #expect(
      outcome(PickleBuilder.dictionary { $0.text("x") }).contains("is a Python pickle, but none"))
  }
}
