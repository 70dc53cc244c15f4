import Files
import Foundation
import HDF5
import Testing
import TrajectoryFiles
import WeightSpace

@Suite struct CurveSampleTests {
  let place = Workplace()
  static let layout = VectorLayout([
    ("c.weight", [6, 5, 3, 3], .weight), ("c.bias", [6], .bias),
    ("d.weight", [70, 999], .weight), ("d.bias", [70], .bias),
  ])
  static let count = 270 + 6 + 69_930 + 70

  /// Element i of point k; some are −0.
  static func element(_ k: Int, _ i: Int) -> Float {
    let value = Float((i * 37 + k * k * 101) % 523) / 64 - 4
    return value == 0 ? -0.0 : value
  }

  static func point(_ k: Int) -> [Float] { (0..<count).map { element(k, $0) } }

  func write(
    _ name: String, kind: String, points: [[Float]], attribute: String? = nil
  ) throws {
    let file = try TensorFileWriter(
      to: OutputTarget(place.file(name)), kind: FileKind(rawValue: kind)!, layout: Self.layout,
      groups: [("weights", points.count)], architecture: "{}", history: ["a test"])
    for (k, point) in points.enumerated() {
      try file.write(WeightVector(point), to: "weights", row: k)
    }
    if let attribute { try file.setAttribute("curve", attribute) }
    try file.finish()
  }

  /// All weights and positions, as any tool reads them.
  func read(_ name: String) throws -> (t: [Double], weights: [[Float]]) {
    let reader = try TrajectoryReader(place.file(name))
    var vector = WeightVector(count: reader.layout.count)
    var weights: [[Float]] = []
    for i in 0..<reader.snapshotCount {
      try reader.readWeights(i, into: &vector)
      weights.append(vector.elements)
    }
    return (reader.columns.first { $0.name == "t" }?.values ?? [], weights)
  }

  /// Σ cₖ wₖ in Double, rounded once; the ends to the last bit, the sign of zero included.
  @Test(arguments: ["bezier", "polychain"])
  func points(_ shape: String) throws {
    let rows = (0..<3).map { Self.point($0) }
    try write("curve.h5", kind: "curve", points: rows, attribute: shape)
    place.succeeds("curve-sample curve.h5 --points 5 -q -o points.h5")
    let (t, weights) = try read("points.h5")
    #expect(t == [0, 0.25, 0.5, 0.75, 1])
    let bits = { (w: [Float]) in w.map(\.bitPattern) }
    #expect(bits(weights[0]) == bits(rows[0]) && bits(weights[4]) == bits(rows[2]))
    let quarter = shape == "bezier" ? [0.5625, 0.375, 0.0625] : [0.5, 0.5, 0]
    for i in 0..<Self.count {
      var sum = 0.0
      for k in 0..<3 where quarter[k] != 0 { sum += quarter[k] * Double(rows[k][i]) }
      #expect(weights[1][i] == Float(sum))
    }
    let file = try HDF5File.open(place.file("points.h5"))
    #expect(try file.stringAttribute("kind") == "trajectory")
    #expect(try file.stringAttribute("architecture") == "{}")
    #expect(try file.dataset("coordinates").shape == [5, 3])
    #expect(try file.dataset("committed").read(Int64.self) == [5])
    #expect(
      try file.stringsAttribute("history")?.map { String($0.prefix(12)) }
        == ["curve-sample", "a test"])
    #expect(try read61() == 61)
  }

  private func read61() throws -> Int {
    place.succeeds("curve-sample curve.h5 -q -o default.h5")
    return try read("default.h5").t.count
  }

  /// Neither threads nor memory change a byte; pipes carry the same.
  @Test func sameBytes() throws {
    try write(
      "curve.h5", kind: "curve", points: (0..<4).map { Self.point($0) }, attribute: "bezier")
    let command = "curve-sample curve.h5 --no-history -q"
    place.succeeds("\(command) -o reference.h5")
    for options in ["-@ 1", "-@ 3 -m 40K", "-m 1", "-@ 7 -m 1G"] {
      place.succeeds("\(command) \(options) -o other.h5")
      place.succeeds("cmp reference.h5 other.h5")
    }
    place.succeeds("cat curve.h5 | curve-sample --no-history -q > other.h5")
    place.succeeds("cmp reference.h5 other.h5")
  }

  /// Random points: ascending, seeded, a smaller sample is part of a larger one.
  @Test func uniform() throws {
    try write(
      "curve.h5", kind: "curve", points: (0..<3).map { Self.point($0) }, attribute: "bezier")
    place.succeeds("curve-sample curve.h5 --uniform 20 -q -o a.h5")
    place.succeeds("curve-sample curve.h5 --uniform 50 -q -o b.h5")
    place.succeeds("curve-sample curve.h5 --uniform 20 --seed 1 -q -o c.h5")
    let (a, b, c) = (try read("a.h5").t, try read("b.h5").t, try read("c.h5").t)
    #expect(a == a.sorted() && a.count == 20 && b.count == 50)
    #expect(Set(b).isSuperset(of: a) && a != c)
  }

  /// Straight lines through any number of weights, of each file the last snapshot.
  @Test func line() throws {
    try write("a.h5", kind: "trajectory", points: [Self.point(7), Self.point(0)])
    try write("b.h5", kind: "trajectory", points: [Self.point(1)])
    try write("c.h5", kind: "trajectory", points: [Self.point(2)])
    place.succeeds("curve-sample --line a.h5 b.h5 --points 3 -q -o line.h5")
    var (t, weights) = try read("line.h5")
    #expect(t == [0, 0.5, 1])
    #expect(weights[0] == Self.point(0) && weights[2] == Self.point(1))
    #expect(
      weights[1]
        == (0..<Self.count).map {
          Float(0.5 * Double(Self.element(0, $0)) + 0.5 * Double(Self.element(1, $0)))
        })
    place.succeeds("curve-sample --line 'a.h5[0]' b.h5 c.h5 --points 5 -q -o line.h5")
    (t, weights) = try read("line.h5")
    #expect(weights[0] == Self.point(7) && weights[2] == Self.point(1))
    #expect(weights[4] == Self.point(2))
  }

  @Test func badInput() throws {
    try write("run.h5", kind: "trajectory", points: [Self.point(0), Self.point(1)])
    place.fails("curve-sample run.h5 -o out.h5", 65, "run.h5: holds no curve of curve-fit")
    place.fails("curve-sample none.h5 -o out.h5", 66, "none.h5: no such file")
    place.fails("curve-sample run.h5 run.h5 -o out.h5", 64, "--line joins")
    place.fails("curve-sample --line run.h5 -o out.h5", 64, "two weight files")
    place.fails("curve-sample --line run.h5 run.h5 -o out.h5", 65, "the same weights as run.h5")
    place.fails("curve-sample run.h5 --points 1 -o out.h5", 64, "--points must be")
    place.fails("curve-sample run.h5 --uniform 0 -o out.h5", 64, "--uniform must be")
    place.fails("curve-sample run.h5 --points 3 --uniform 3 -o out.h5", 64, "exclude")
    try write("one.h5", kind: "curve", points: [Self.point(0)], attribute: "bezier")
    place.fails("curve-sample one.h5 -o out.h5", 65, "one control point")
    var bad = Self.point(1)
    bad[300] = .nan
    try write("nan.h5", kind: "curve", points: [Self.point(0), bad], attribute: "bezier")
    place.fails(
      "curve-sample nan.h5 -o out.h5", 65,
      "nan.h5: weights/d.weight: NaN in snapshot 1, element 24")
    try write("wide.h5", kind: "trajectory", points: [Self.point(1)])
    let other = try TensorFileWriter(
      to: OutputTarget(place.file("other.h5")), kind: "trajectory",
      layout: VectorLayout([("c.weight", [6, 5, 3, 3], .weight)]), groups: [("weights", 1)])
    try other.finish()
    place.fails("curve-sample --line wide.h5 other.h5 -o out.h5", 65, "other.h5: weights/c.bias")
    place.fails("curve-sample --line wide.h5 run.h5 -o none/out.h5", 73, "none/out.h5")
  }
}
