import Files
import Foundation
import HDF5
import Testing

/// Element i of snapshot t of the test trajectories.
private func weight(_ t: Int, _ i: Int) -> Float { Float((i * 31 + t * t * 17) % 257) / 32 - 4 }

@Suite struct SwaAvgTests {
  let place = Workplace()
  static let shapes: [(name: String, shape: [Int])] = [
    ("conv.weight", [4, 3, 3, 3]), ("conv.bias", [4]), ("fc.weight", [50, 999]), ("fc.bias", [1]),
  ]
  static let count = 108 + 4 + 49_950 + 1

  /// Writes a trajectory as another program would, by the file library alone.
  func trajectory(
    _ name: String, snapshots: Range<Int> = 0..<5, chunked: Bool = false, compress: Int? = nil,
    type: ElementType = .float32, reversed: Bool = false,
    change: (Int, Int, Float) -> Float = { $2 }
  ) throws {
    let file = try HDF5File.create(place.file(name))
    try file.setAttribute("format", "weightspace")
    try file.setAttribute("kind", "trajectory")
    try file.setAttribute("architecture", "{\"name\": \"test\"}")
    try file.setAttribute("history", ["made by a test"])
    try file.createGroup("weights")
    var offset = 0
    var places: [(name: String, shape: [Int], offset: Int)] = []
    for (name, shape) in Self.shapes {
      places.append((name, shape, offset))
      offset += shape.reduce(1, *)
    }
    for (name, shape, offset) in reversed ? places.reversed() : places {
      let values = snapshots.flatMap { t in
        (0..<shape.reduce(1, *)).map { change(t, offset + $0, weight(t, offset + $0)) }
      }
      try file.createDataset(
        "weights/\(name)", type: type, shape: [snapshots.count] + shape,
        maxShape: chunked ? [nil] + shape.map { $0 } : nil,
        chunk: chunked ? [2] + shape.map { ($0 + 1) / 2 } : nil, compress: compress
      ).write(values)
    }
    try file.createGroup("snapshots")
    try file.createDataset("snapshots/epoch", type: .float64, shape: [snapshots.count]).write(
      snapshots.map { Double($0 + 1) })
    try file.close()
  }

  func weights(_ name: String, snapshot: Int = 0) throws -> [Float] {
    let file = try HDF5File.open(place.file(name))
    return try Self.shapes.flatMap { slot in
      try file.dataset("weights/\(slot.name)").read(
        Float.self, start: [snapshot] + slot.shape.map { _ in 0 }, count: [1] + slot.shape)
    }
  }

  /// The average by the definition.
  func expected(_ factors: [(t: Int, factor: Double)], divisor: Double = 1) -> [Float] {
    (0..<Self.count).map { i in
      Float(factors.reduce(0) { $0 + $1.factor * Double(weight($1.t, i)) } / divisor)
    }
  }

  /// The mean of the last snapshots has the bits of the mean of these alone, for any memory.
  @Test func windows() throws {
    try trajectory("run.h5")
    place.succeeds("swa-avg run.h5 --window 3 --no-history -o windows.h5")
    for t in 0..<5 {
      place.succeeds("swa-avg 'run.h5[\(max(0, t - 2)):\(t + 1)]' -o mean.h5")
      #expect(try weights("windows.h5", snapshot: t) == weights("mean.h5"))
    }
    let file = try HDF5File.open(place.file("windows.h5"))
    #expect(try file.dataset("snapshots/averaged").read(Double.self) == [1, 2, 3, 3, 3])
    #expect(try file.dataset("snapshots/epoch").read(Double.self) == [1, 2, 3, 4, 5])
    place.succeeds("swa-avg run.h5 --window 3 --no-history -m 64K -@ 3 -o narrow.h5")
    #expect(place.haveSameBytes("windows.h5", "narrow.h5"))
  }

  @Test func blocks() throws {
    try trajectory("run.h5")
    let run = place.succeeds("swa-avg run.h5 --blocks 2 -o blocks.h5")
    #expect(run.errors == "swa-avg: the last 1 of 5 snapshots are in no block of 2\n")
    for block in 0..<2 {
      #expect(
        try weights("blocks.h5", snapshot: block)
          == expected([(2 * block, 1), (2 * block + 1, 1)], divisor: 2))
    }
    let file = try HDF5File.open(place.file("blocks.h5"))
    #expect(try file.dataset("snapshots/averaged").read(Double.self) == [2, 2])
    #expect(try file.dataset("snapshots/epoch").read(Double.self) == [2, 4])
    for (options, message) in [
      ("--blocks 6", "--blocks 6 has no block in 5 snapshots"),
      ("--blocks 2 --window 2", "--window and --blocks exclude each other"),
      ("--window 2 --running", "--running and --window exclude each other"),
      ("--ema-warmup mt", "--ema-warmup needs --ema"),
      ("--ema 0.9 --debias --ema-warmup mt", "--ema-warmup and --debias exclude each other"),
      ("--polynomial=-1", "--polynomial must be 0 or a positive number"),
      ("--window 0", "--window must be from 1 to 100000"),
      ("--blocks 2 -o x.npz", "--blocks gives several snapshots"),
    ] {
      let run = place.run("swa-avg run.h5 \(options)" + (options.contains("-o") ? "" : " -o x.h5"))
      #expect(run.status == 64 && run.errors.contains(message), "\(options): \(run.errors)")
    }
  }

  @Test func uniformMean() throws {
    try trajectory("run.h5")
    place.succeeds("swa-avg run.h5 -o swa.h5")
    #expect(try weights("swa.h5") == expected((0..<5).map { ($0, 1) }, divisor: 5))
    let file = try HDF5File.open(place.file("swa.h5"))
    #expect(try file.stringAttribute("architecture") == "{\"name\": \"test\"}")
    let version = place.run("swa-avg --version").output.split(separator: "\n")[0].split(
      separator: " ")[2]
    #expect(
      try file.stringsAttribute("history")
        == ["swa-avg \(version): swa-avg run.h5 -o swa.h5", "made by a test"])
    #expect(try file.dataset("committed").read(Int64.self) == [1])
    #expect(try file.dataset("snapshots/epoch").read(Double.self) == [5])
    #expect(try file.dataset("snapshots/averaged").read(Double.self) == [5])
    #expect(!file.exists("buffers"))
  }

  @Test func weighted() throws {
    try trajectory("run.h5", snapshots: 0..<3)
    place.succeeds("swa-avg run.h5 --weights 1,2,1 -o swa.h5")
    #expect(try weights("swa.h5") == expected([(0, 1), (1, 2), (2, 1)], divisor: 4))
    place.fails(
      "swa-avg run.h5 --weights 1,2 -o out.h5", 64, "--weights has 2 numbers for 3 snapshots")
    place.fails("swa-avg run.h5 --weights 1,x -o out.h5", 64, "--weights")
    place.fails("swa-avg run.h5 --weights 1,-1,0 -o out.h5", 64, "add up to zero")
    // 0.1 + 0.2 − 0.3 is 5.6e-17.
    place.fails("swa-avg run.h5 --weights 0.1,0.2,-0.3 -o out.h5", 64, "add up to zero")
    place.fails(
      "swa-avg run.h5 --weights 1,-1,1 --running -o out.h5", 64, "the first 2 of --weights")
  }

  @Test func exponential() throws {
    try trajectory("run.h5", snapshots: 0..<3)
    place.succeeds("swa-avg run.h5 --ema 0.75 -o ema.h5")
    let factors: [(Int, Double)] = [(0, 0.5625), (1, 0.1875), (2, 0.25)]
    #expect(try weights("ema.h5") == expected(factors))
    place.succeeds("swa-avg run.h5 --ema 0.75 --debias -o debiased.h5")
    let debiased: [(Int, Double)] = [(0, 0.140625), (1, 0.1875), (2, 0.25)]
    #expect(try weights("debiased.h5") == expected(debiased, divisor: 1 - 0.421875))
    place.fails("swa-avg run.h5 --ema 1 -o out.h5", 64, "--ema must be")
    place.fails("swa-avg run.h5 --ema 0.5 --weights 1,1,1 -o out.h5", 64, "exclude")
    place.fails("swa-avg run.h5 --debias -o out.h5", 64, "--debias needs --ema")
  }

  @Test func running() throws {
    try trajectory("run.h5", snapshots: 0..<4)
    place.succeeds("swa-avg run.h5 --running -o swa.h5")
    for t in 0..<4 {
      #expect(
        try weights("swa.h5", snapshot: t)
          == expected((0...t).map { ($0, 1) }, divisor: Double(t + 1)))
    }
    let file = try HDF5File.open(place.file("swa.h5"))
    #expect(try file.dataset("snapshots/epoch").read(Double.self) == [1, 2, 3, 4])
    #expect(try file.dataset("snapshots/averaged").read(Double.self) == [1, 2, 3, 4])
  }

  @Test func selectionsAndSeveralFiles() throws {
    try trajectory("a.h5", snapshots: 0..<5)
    try trajectory("b.h5", snapshots: 5..<8)
    place.succeeds("swa-avg a.h5 --last 2 -o out.h5")
    #expect(try weights("out.h5") == expected([(3, 1), (4, 1)], divisor: 2))
    place.succeeds("swa-avg a.h5 --from 1 --to -1 --every 2 -o out.h5")
    #expect(try weights("out.h5") == expected([(1, 1), (3, 1)], divisor: 2))
    place.succeeds("swa-avg 'a.h5[-1]' 'b.h5[:2]' -o out.h5")
    #expect(try weights("out.h5") == expected([(4, 1), (5, 1), (6, 1)], divisor: 3))
    place.succeeds("swa-avg a.h5 --last 1 | swa-avg - b.h5 -o out.h5")
    #expect(try weights("out.h5") == expected([(4, 1), (5, 1), (6, 1), (7, 1)], divisor: 4))
    place.succeeds("cat a.h5 | swa-avg > out.h5")
    #expect(try weights("out.h5") == expected((0..<5).map { ($0, 1) }, divisor: 5))
    place.succeeds("swa-avg < a.h5 > out.h5")
    #expect(try weights("out.h5") == expected((0..<5).map { ($0, 1) }, divisor: 5))
    place.fails("swa-avg a.h5 --from 5 -o no.h5", 65, "a.h5: no snapshot is selected; it has 5")
    place.fails("swa-avg 'a.h5[7]' -o no.h5", 65, "no snapshot is selected")
  }

  @Test func sameBytesForAnyThreadsAndMemory() throws {
    try trajectory("run.h5")
    place.succeeds("swa-avg run.h5 --no-history -o a.h5")
    sleep(1)
    for options in ["", "-@1", "--threads 7", "-m 4K", "-m 40K -@3", "--memory 1G"] {
      place.succeeds("swa-avg run.h5 --no-history \(options) -o b.h5 && cmp a.h5 b.h5")
      place.succeeds("swa-avg run.h5 --running --no-history \(options) -o c-\(options.count).h5")
    }
    place.succeeds("for f in c-*.h5; do cmp c-0.h5 $f || exit 1; done")
  }

  @Test func anyStorageGivesTheSame() throws {
    try trajectory("plain.h5")
    try trajectory("chunked.h5", chunked: true)
    try trajectory("packed.h5", chunked: true, compress: 4)
    try trajectory("double.h5", type: .float64)
    // The test's weights are multiples of 1/32 below 4 and so exact in half precision.
    try trajectory("half.h5", type: .float16)
    try trajectory("brain.h5", type: .bfloat16)
    for name in ["plain", "chunked", "packed", "double", "half"] {
      place.succeeds("swa-avg \(name).h5 --no-history -o out-\(name).h5")
      place.succeeds("cmp out-plain.h5 out-\(name).h5")
    }
    place.succeeds("swa-avg brain.h5 -o out.h5")
  }

  @Test func tensorsAreMatchedByName() throws {
    try trajectory("a.h5", snapshots: 0..<2)
    try trajectory("b.h5", snapshots: 2..<3, reversed: true)
    place.succeeds("swa-avg a.h5 b.h5 -o out.h5")
    #expect(try weights("out.h5") == expected([(0, 1), (1, 1), (2, 1)], divisor: 3))
    let file = try HDF5File.open(place.file("out.h5"))
    #expect(try file.children(of: "weights").map(\.name) == Self.shapes.map(\.name))
  }
}
