import Foundation
import HDF5
import Testing

@Suite struct NnConvertTests {
  let place = Workplace()

  /// A network with BatchNorm, an integer and a number of each type, some subnormal.
  private func stateDict(_ name: String, prefix: String = "", offset: Float = 0) {
    var file = StateDictBuilder(metadata: "{\"format\": \"pt\"}")
    let numbers = (0..<50_000).map { Float($0 % 1000) / 8 + offset }
    file.add(prefix + "fc.weight", "F32", [50, 1000], numbers)
    file.add(prefix + "fc.bias", "F16", [3], [0x0001, 0x3c00, 0x83ff] as [UInt16])
    file.add(prefix + "bn.weight", "BF16", [2], [0x0001, 0x3f80] as [UInt16])
    file.add(prefix + "bn.running_mean", "F64", [2], [0.1, -0x1p-1074])
    file.add(prefix + "bn.num_batches_tracked", "I64", [], [7 as Int64])
    file.add(prefix + "scale", "F64", [], [1.0 / 3])
    place.write(name, file.bytes)
  }

  private func tensors(_ name: String) throws -> [String: StateDictBuilder.Tensor] {
    try #require(StateDictBuilder.parse(place.bytes(name)), "\(name)").tensors
  }

  @Test func sameTensorsBackAndForth() throws {
    stateDict("a.safetensors")
    let original = try tensors("a.safetensors")
    place.succeeds("nn-convert a.safetensors -o b.safetensors")
    #expect(try tensors("b.safetensors") == original)
    #expect(
      StateDictBuilder.parse(place.bytes("b.safetensors"))?.metadata["format"] == "pt")
    place.succeeds("nn-convert a.safetensors --max-shard-size 50K -o c.safetensors")
    #expect(place.exists("c-00001-of-00002.safetensors") && !place.exists("c.safetensors"))
    place.succeeds("nn-convert c.safetensors.index.json -o d.safetensors")
    #expect(try tensors("d.safetensors") == original)
    place.succeeds("cat a.safetensors | nn-convert - -o e.safetensors")
    #expect(try tensors("e.safetensors") == original)
    place.fails("nn-convert < a.safetensors -o a.safetensors", 73, "is an input")
    #expect(try tensors("a.safetensors") == original)
    for (i, options) in ["", "-@1", "-@7", "-m 16K"].enumerated() {
      place.succeeds("nn-convert e.safetensors --no-history \(options) -o f\(i).safetensors")
      place.succeeds("cmp f0.safetensors f\(i).safetensors")
    }
    // NumPy has no bfloat16.
    place.succeeds("nn-convert a.safetensors -o a.npz && nn-convert a.npz -o g.safetensors")
    var wide = original
    wide["bn.weight"] = .init(
      type: "F32", shape: [2], bytes: [Float(bitPattern: 0x10000), 1].withUnsafeBytes { Data($0) })
    #expect(try tensors("g.safetensors") == wide)
  }

  @Test func manyFilesBecomeATrajectory() throws {
    for i in 0..<3 { stateDict("\(i).safetensors", offset: Float(i)) }
    place.succeeds("nn-convert [012].safetensors -o run.h5")
    let file = try HDF5File.open(place.file("run.h5"))
    #expect(
      try file.children(of: "weights").map(\.name) == [
        "fc.weight", "fc.bias", "bn.weight", "scale",
      ])
    let weights = try file.dataset("weights/fc.weight")
    #expect(weights.shape == [3, 50, 1000])
    for i in 0..<3 {
      let row = try weights.read(Float.self, start: [i, 0, 0], count: [1, 50, 1000])
      #expect(row == (0..<50_000).map { Float($0 % 1000) / 8 + Float(i) })
    }
    #expect(
      try file.dataset("weights/fc.bias").read(Float.self)
        == [0x1p-24, 1, -1023 * 0x1p-24, 0x1p-24, 1, -1023 * 0x1p-24, 0x1p-24, 1, -1023 * 0x1p-24])
    #expect(try file.dataset("buffers/bn.running_mean").shape == [3, 2])
    #expect(try file.dataset("committed").read(Int64.self) == [3])
    // A trajectory in a pipe, and one snapshot of it back.
    place.succeeds("nn-convert [012].safetensors | nn-convert --from 1 --to 2 -o one.safetensors")
    let one = try tensors("one.safetensors")
    #expect(one["fc.weight"]?.numbers(Float.self) == (0..<50_000).map { Float($0 % 1000) / 8 + 1 })
    #expect(one["bn.running_mean"]?.type == "F32" && one["bn.num_batches_tracked"]?.type == "I64")
    place.fails(
      "nn-convert run.h5 -o x.safetensors", 64,
      "3 snapshots, but such a file holds one: name it, as in 'run.h5[7]', or give --last 1")
    place.fails("nn-convert [01].safetensors -o x.npz", 64, "2 snapshots")
    // Numbers, history and network go with the weights.
    place.succeeds("swa-avg run.h5 --running -o avg.h5 && nn-convert avg.h5 'avg.h5[0]' -o both.h5")
    let both = try HDF5File.open(place.file("both.h5"))
    #expect(try both.dataset("snapshots/averaged").read(Double.self) == [1, 2, 3, 1])
    #expect(try both.stringsAttribute("history")?.count == 3)
  }

  @Test func networkAndHistoryGoAlong() throws {
    let file = try HDF5File.create(place.file("run.h5"))
    try file.setAttribute("format", "weightspace")
    try file.setAttribute("kind", "trajectory")
    try file.setAttribute("architecture", "{\"name\": \"test\"}")
    try file.setAttribute("history", ["made by a test"])
    try file.createGroup("weights")
    try file.createDataset("weights/w", type: .float32, shape: [1, 2]).write([1, 2] as [Float])
    try file.close()
    place.succeeds("nn-convert run.h5 -o a.safetensors && nn-convert a.safetensors -o back.h5")
    let back = try HDF5File.open(place.file("back.h5"))
    #expect(try back.stringAttribute("architecture") == "{\"name\": \"test\"}")
    let history = try #require(try back.stringsAttribute("history"))
    #expect(history.count == 3 && history[2] == "made by a test")
    place.succeeds("nn-convert run.h5 --no-history -o b.safetensors")
    #expect(StateDictBuilder.parse(place.bytes("b.safetensors"))?.metadata["history"] == nil)
  }

  @Test func names() throws {
    stateDict("a.safetensors", prefix: "module.")
    stateDict("b.safetensors")
    let plain = try tensors("b.safetensors")
    place.succeeds("nn-convert a.safetensors --strip-prefix module. -o c.safetensors")
    #expect(try tensors("c.safetensors") == plain)
    // Those that have the prefix lose it, so that both kinds go together.
    place.succeeds("nn-convert a.safetensors b.safetensors --strip-prefix module. -o run.h5")
    place.succeeds("nn-convert b.safetensors --add-prefix module. -o d.safetensors")
    #expect(try tensors("d.safetensors") == (try tensors("a.safetensors")))
    place.fails(
      "nn-convert b.safetensors --strip-prefix module. -o x.h5", 64,
      "no tensor's name begins with module.")
    // A prefix of wrapped networks is no difference; any other is.
    place.succeeds("nn-convert a.safetensors b.safetensors -o w.h5 && rm w.h5")
    place.succeeds("nn-convert b.safetensors --add-prefix net. -o n.safetensors")
    place.fails("nn-convert a.safetensors n.safetensors -o x.h5", 65, "not in a.safetensors")
    var file = StateDictBuilder()
    file.add("a", "F32", [1], [1 as Float])
    file.add("x.a", "F32", [1], [2 as Float])
    place.write("e.safetensors", file.bytes)
    place.fails(
      "nn-convert e.safetensors --strip-prefix x. -o x.h5", 65,
      "e.safetensors: x.a: would be called a, and so would a")
    file = StateDictBuilder()
    file.add("dense/kernel", "F32", [1], [1 as Float])
    place.write("f.safetensors", file.bytes)
    place.succeeds("nn-convert f.safetensors -o f.h5 && nn-convert f.safetensors -o g.safetensors")
    #expect(try HDF5File.open(place.file("f.h5")).exists("weights/dense.kernel"))
    #expect(try tensors("g.safetensors").keys.sorted() == ["dense/kernel"])
    place.fails("swa-avg f.safetensors -o x.h5", 65, "dense/kernel: a name that HDF5 cannot keep")
  }

  @Test func types() throws {
    stateDict("a.safetensors")
    place.succeeds("nn-convert a.safetensors --dtype bfloat16 -o b.safetensors")
    let small = try tensors("b.safetensors")
    #expect(Set(small.values.map(\.type)) == ["BF16", "I64"])
    #expect(small["scale"]?.numbers(UInt16.self) == [0x3eab])
    place.succeeds("nn-convert a.safetensors --dtype float64 -o c.safetensors")
    #expect(try tensors("c.safetensors")["scale"]?.numbers(Double.self) == [1.0 / 3])
    #expect(try tensors("c.safetensors")["fc.bias"]?.numbers(Double.self)[0] == 0x1p-24)
    var file = StateDictBuilder()
    file.add("w", "F32", [3], [1, 2, 70_000 as Float])
    place.write("large.safetensors", file.bytes)
    place.fails(
      "nn-convert large.safetensors --dtype float16 -o x.safetensors", 65,
      "x.safetensors: w: element 2, 70000.0, is too large for F16; give a larger --dtype")
    place.fails("nn-convert a.safetensors --dtype float16 -o x.h5", 64, "--dtype needs an output")
    place.fails("nn-convert a.safetensors --dtype bfloat16 -o x.npz", 64, "NumPy has no such type")
    place.fails("nn-convert a.safetensors --dtype int8 -o x.npz", 64, "int8")
  }

  @Test func badInput() throws {
    stateDict("a.safetensors")
    place.fails("nn-convert none.safetensors -o x.h5", 66, "none.safetensors: no such file")
    place.fails("nn-convert a.safetensors -o x.pt", 64, "x.pt: the name must end in .h5")
    place.fails("nn-convert a.safetensors --max-shard-size 1M -o x.npz", 64, "--max-shard-size")
    place.fails("nn-convert a.safetensors -o none/x.npz", 73, "none/x.npz: no such file")
    place.fails("nn-convert a.safetensors > /dev/full", 74, "No space left on device")
    var file = StateDictBuilder()
    file.add("v", "F32", [2], [1 as Float, 2])
    file.add("w", "F32", [2], [1 as Float, .nan])
    place.write("nan.safetensors", file.bytes)
    for name in ["x.h5", "x.safetensors", "x.npz"] {
      place.fails(
        "nn-convert nan.safetensors -o \(name)", 65,
        "nan.safetensors: w: NaN in snapshot 0, element 1")
    }
    place.write("cut.safetensors", place.bytes("a.safetensors").dropLast(9))
    place.fails("nn-convert cut.safetensors -o x.h5", 65, "cut off?")
    place.fails("head -c 100 a.safetensors | nn-convert -o x.h5", 65, "standard input: header")
    place.write("text.safetensors", "hello, this is no header")
    place.fails("nn-convert text.safetensors -o x.h5", 65, "text.safetensors: header: claims")
    file = StateDictBuilder()
    file.add("fc.weight", "F32", [2], [1 as Float, 2])
    place.write("other.safetensors", file.bytes)
    place.fails(
      "nn-convert a.safetensors other.safetensors -o x.h5", 65,
      "other.safetensors: fc.weight: shape [2], but a.safetensors has [50, 1000]")
    place.succeeds("swa-avg a.safetensors -o averaged.h5")
    place.fails(
      "nn-convert a.safetensors averaged.h5 -o x.h5", 65,
      "averaged.h5: buffers: missing, but a.safetensors has running statistics")
  }

  /// A network's predictions do not change with the format.
  @Test func everyToolReadsThem() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model small.json --epochs 2 -q -o run.h5")
    place.succeeds(
      "nn-convert run.h5 --last 1 -o a.safetensors && nn-convert run.h5 --last 1 -o a.npz")
    func row(_ operand: String) -> [String] {
      Array(place.succeeds("nn-eval \(operand) --data test.h5 -q").table.last?.suffix(2) ?? [])
    }
    let expected = row("'run.h5[-1]'")
    #expect(expected.count == 2)
    #expect(row("a.safetensors") == expected)
    #expect(row("a.npz --model small.json") == expected)
    place.succeeds("nn-convert run.h5 --last 1 --max-shard-size 1K -o s.safetensors")
    #expect(row("s.safetensors.index.json") == expected)
    place.fails("nn-eval a.npz --data test.h5", 65, "name it with --model")
    place.succeeds("bn-update a.safetensors --data train.h5 -o b.h5")
    place.succeeds("bn-update 'run.h5[-1]' --data train.h5 -o c.h5")
    #expect(row("b.h5") == row("c.h5"))
    place.succeeds("nn-train train.h5 --init a.safetensors --epochs 1 -q -o more.h5")
  }

  /// With Python's own libraries, where they are at hand.
  @Test(
    .enabled(
      if: Workplace().run("python3 -c 'import safetensors.numpy, numpy'").status == 0,
      "needs python3 with numpy and safetensors"))
  func pythonReadsThem() {
    stateDict("a.safetensors")
    place.succeeds(
      "nn-convert a.safetensors --dtype float32 -o b.safetensors && nn-convert b.safetensors -o b.npz"
    )
    place.write(
      "check.py",
      """
      import numpy
      from safetensors.numpy import load_file
      a, b = load_file("b.safetensors"), numpy.load("b.npz")
      assert set(a) == set(b.files) and len(a) == 6
      for k in a:
          assert a[k].dtype == b[k].dtype and numpy.array_equal(a[k], b[k]), k
      assert a["fc.weight"].shape == (50, 1000) and a["fc.weight"][0, 9] == 9 / 8
      """)
    place.succeeds("python3 check.py")
  }
}
