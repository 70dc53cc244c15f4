import Files
import Foundation
import HDF5
import Testing
import TrajectoryFiles
import WeightSpace

@Suite struct PlaneSampleTests {
  let curve = CurveSampleTests()
  var place: Workplace { curve.place }

  func point(_ k: Int) -> [Float] { CurveSampleTests.point(k) }

  func columns(_ name: String) throws -> [String: [Double]] {
    let reader = try TrajectoryReader(place.file(name))
    return Dictionary(uniqueKeysWithValues: reader.columns.map { ($0.name, $0.values) })
  }

  /// `a.h5`, `b.h5`, `c.h5`, and `curve.h5` with all three.
  func makePoints() throws {
    for (k, name) in ["a", "b", "c"].enumerated() {
      try curve.write("\(name).h5", kind: "trajectory", points: [point(9), point(k)])
    }
    try curve.write(
      "curve.h5", kind: "curve", points: (0..<3).map { point($0) }, attribute: "bezier")
  }

  /// Without a margin the corners of the grid at a and c are a and c to the last bit; in between,
  /// points are at their coordinates: distances in weight space are distances in the plane.
  @Test func throughThreePoints() throws {
    try makePoints()
    place.succeeds("plane-sample a.h5 b.h5 c.h5 --margin 0 --grid 5 -q -o plane.h5")
    let (_, weights) = try curve.read("plane.h5")
    let axes = try columns("plane.h5")
    let (x, y) = (try #require(axes["x"]), try #require(axes["y"]))
    #expect(x.count == 25 && weights.count == 25)
    let bits = { (w: [Float]) in w.map(\.bitPattern) }
    #expect(bits(weights[0]) == bits(point(0)) && bits(weights[4]) == bits(point(2)))
    func distance(_ v: [Float], _ w: [Float]) -> Double {
      zip(v, w).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
        .squareRoot()
    }
    #expect(abs(x[4] - distance(point(0), point(2))) < 1e-9)
    // Weights of the order 4 are rounded to 2⁻²², 7·10⁴ of them: 6e-5.
    for (i, j) in [(0, 7), (3, 21), (12, 24)] {
      let flat = ((x[i] - x[j]) * (x[i] - x[j]) + (y[i] - y[j]) * (y[i] - y[j])).squareRoot()
      #expect(abs(distance(weights[i], weights[j]) - flat) < 1e-4)
    }
    // The published margin and grid; one file with three points is the same plane.
    place.succeeds("plane-sample a.h5 b.h5 c.h5 -q --no-history -o files.h5")
    place.succeeds("plane-sample curve.h5 -q --no-history -o curve-plane.h5")
    #expect(place.bytes("files.h5") == place.bytes("curve-plane.h5"))
    let published = try columns("files.h5")
    #expect(published["x"]?.count == 441)
    #expect(abs((published["x"]?[0] ?? 0) + 0.2 * x[4]) < 1e-9)
    #expect(abs((published["x"]?[440] ?? 0) - 1.2 * x[4]) < 1e-9)
  }

  /// The points are found where they are, with no distance; a snapshot off the plane has one.
  @Test func projection() throws {
    try makePoints()
    place.succeeds("plane-sample a.h5 b.h5 c.h5 --margin 0 --grid 2 -q -o plane.h5")
    let axes = try columns("plane.h5")
    let outcome = place.succeeds(
      "plane-sample a.h5 b.h5 c.h5 --project curve.h5 a.h5 -q --json")
    let rows = try #require(
      JSONSerialization.jsonObject(with: outcome.outputBytes) as? [[String: Any]])
    let number = { (row: Int, name: String) in rows[row][name] as? Double ?? .nan }
    #expect(rows.count == 5)
    #expect(number(0, "x") == 0 && number(0, "y") == 0 && number(0, "distance") == 0)
    // Roots of differences of squared distances of the order 10⁶: 1e-4 of the numbers' order 10³.
    #expect(abs(number(1, "y") - (axes["y"]?[3] ?? 0)) < 1e-6 && number(1, "distance") < 1e-3)
    #expect(abs(number(2, "x") - (axes["x"]?[1] ?? 0)) < 1e-6)
    #expect(abs(number(2, "y")) < 1e-6 && number(2, "distance") < 1e-3)
    #expect(number(3, "distance") > 1)
    #expect(rows[3]["file"] as? String == "a.h5" && rows[4]["index"] as? Int == 1)
    #expect(!place.exists("out.h5"))
    // With -o both.
    let table = place.succeeds(
      "plane-sample a.h5 b.h5 c.h5 --project c.h5 -q -o plane.h5 --margin 0 --grid 2"
    ).table
    #expect(table[0] == ["file", "index", "x", "y", "distance"] && table.count == 3)
  }

  /// Random directions: filters have the weights' norms, biases stay, the middle is the weight
  /// itself; points in the plane are found where they are.
  @Test func filterNormalized() throws {
    try makePoints()
    place.succeeds(
      "plane-sample --at a.h5 --filter-normalized --grid 5 --extent 2 --seed 3 -q -o plane.h5")
    let (_, weights) = try curve.read("plane.h5")
    let axes = try columns("plane.h5")
    #expect(
      axes["x"] == [
        -2, -1, 0, 1, 2, -2, -1, 0, 1, 2, -2, -1, 0, 1, 2, -2, -1, 0, 1, 2, -2, -1, 0, 1, 2,
      ])
    #expect(weights[12] == point(0))
    let origin = point(0)
    for i in [0, 7, 24] {
      // Biases do not move.
      for k in 270..<276 { #expect(weights[i][k] == origin[k]) }
    }
    // At (1, 0) and (0, 1) the first filter has moved by its own norm, to roundings of 2⁻²² of 45
    // weights of the order 4 and the direction's own.
    for i in [13, 17] {
      var (own, moved) = (0.0, 0.0)
      for k in 0..<45 {
        own += Double(origin[k]) * Double(origin[k])
        moved += Double(weights[i][k] - origin[k]) * Double(weights[i][k] - origin[k])
      }
      #expect(abs(own.squareRoot() - moved.squareRoot()) < 1e-4)
    }
    let table = place.succeeds(
      "plane-sample --at a.h5 --filter-normalized --seed 3 --project plane.h5 -q"
    ).table
    for (row, i) in zip(table.dropFirst(), 0...) {
      #expect(abs(Double(row[2])! - axes["x"]![i]) < 1e-5)
      #expect(abs(Double(row[3])! - axes["y"]![i]) < 1e-5)
      #expect(Double(row[4])! < 1e-2)
    }
    // A line is the plane's first axis.
    place.succeeds(
      "plane-sample --at a.h5 --filter-normalized --line --grid 5 --extent 2 --seed 3 -q -o line.h5"
    )
    let line = try curve.read("line.h5").weights
    #expect(Array(weights[10..<15]) == line)
    #expect(try columns("line.h5")["y"] == nil)
    let places = place.succeeds(
      "plane-sample --at a.h5 --filter-normalized --line --seed 3 --project line.h5 -q"
    ).table
    #expect(places[0] == ["file", "index", "x", "distance"])
    #expect(abs(Double(places[5][2])! - 2) < 1e-5)
  }

  /// Neither threads nor memory change a byte of planes or projections.
  @Test func sameBytes() throws {
    try makePoints()
    for plane in ["a.h5 b.h5 c.h5", "--at b.h5 --filter-normalized"] {
      let command = "plane-sample \(plane) --no-history -q --grid 3"
      place.succeeds("\(command) -o reference.h5")
      let table = place.succeeds("\(command) --json --project curve.h5").output
      for options in ["-@ 1", "-@ 3 -m 40K", "-m 1", "-@ 7 -m 1G"] {
        place.succeeds("\(command) \(options) -o other.h5")
        place.succeeds("cmp reference.h5 other.h5")
        #expect(
          place.succeeds("\(command) --json \(options) --project curve.h5").output == table)
      }
    }
    place.succeeds("cat curve.h5 | plane-sample --no-history -q --grid 3 > other.h5")
    place.succeeds("plane-sample curve.h5 --no-history -q --grid 3 -o reference.h5")
    place.succeeds("cmp reference.h5 other.h5")
  }

  @Test func badInput() throws {
    try makePoints()
    place.fails("plane-sample a.h5 b.h5 -o out.h5", 64, "needs three weight files")
    place.fails("plane-sample a.h5 -o out.h5", 65, "a.h5: has 2 snapshot(s), but a plane goes")
    place.fails("plane-sample a.h5 a.h5 c.h5 -o out.h5", 65, "the same weights as a.h5")
    place.fails("plane-sample a.h5 none.h5 c.h5 -o out.h5", 66, "none.h5: no such file")
    place.succeeds("swa-avg 'a.h5[-1]' 'c.h5[-1]' -q -o middle.h5")
    place.fails("plane-sample a.h5 middle.h5 c.h5 -o out.h5", 65, "middle.h5: lies on the line")
    place.fails("plane-sample a.h5 b.h5 c.h5 --grid 1 -o out.h5", 64, "--grid must be")
    place.fails("plane-sample a.h5 b.h5 c.h5 --margin=-1 -o out.h5", 64, "--margin must be")
    place.fails("plane-sample a.h5 b.h5 c.h5 --extent 1 -o out.h5", 64, "--extent belong")
    place.fails("plane-sample --at a.h5 -o out.h5", 64, "belong together")
    place.fails("plane-sample a.h5 --at a.h5 --filter-normalized -o out.h5", 64, "replaces")
    place.fails(
      "plane-sample --at a.h5 --filter-normalized --extent 0 -o out.h5", 64, "--extent must be")
    place.fails("plane-sample a.h5 b.h5 c.h5 --project a.h5 -o -", 64, "--project prints")
    place.fails("plane-sample a.h5 b.h5 c.h5 --project none.h5", 66, "none.h5: no such file")
    let other = try TensorFileWriter(
      to: OutputTarget(place.file("bias.h5")), kind: "trajectory",
      layout: VectorLayout([("c.bias", [6], .bias)]), groups: [("weights", 1)])
    try other.write(WeightVector([1, 2, 3, 4, 5, 6]), to: "weights")
    try other.finish()
    place.fails(
      "plane-sample --at bias.h5 --filter-normalized -o out.h5", 65, "no tensor has filters")
    place.fails("plane-sample a.h5 b.h5 bias.h5 -o out.h5", 65, "bias.h5: weights/")
    place.fails("plane-sample a.h5 b.h5 c.h5 --project bias.h5", 65, "bias.h5: weights/")
    var bad = point(1)
    bad[3] = .infinity
    try curve.write("inf.h5", kind: "trajectory", points: [bad])
    for command in [
      "plane-sample a.h5 inf.h5 c.h5 -o out.h5", "plane-sample a.h5 b.h5 c.h5 --project inf.h5",
      "plane-sample --at inf.h5 --filter-normalized -o out.h5",
    ] {
      place.fails(command, 65, "inf.h5: weights/c.weight: an infinity in snapshot 0, element 3")
    }
  }
}
