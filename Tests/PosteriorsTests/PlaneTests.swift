import Posteriors
import Testing
import WeightSpace

@testable import Randomness

@Suite struct PlaneTests {
  static func point(_ seed: Int, _ count: Int) -> [Double] {
    var stream = RandomStream(seed: 21, stream: UInt64(seed))
    return (0..<count).map { _ in Double(stream.normal()) }
  }

  static func dot(_ x: [Double], _ y: [Double]) -> Double {
    zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
  }

  static func minus(_ x: [Double], _ y: [Double]) -> [Double] { zip(x, y).map { $0 - $1 } }

  static func square(_ x: [Double], _ y: [Double]) -> Double { dot(minus(x, y), minus(x, y)) }

  static func triangle(_ a: [Double], _ b: [Double], _ c: [Double]) -> PlaneTriangle? {
    let norm = [a, b, c].map { dot($0, $0) }.max()!.squareRoot()
    return PlaneTriangle(ab: square(a, b), ac: square(a, c), bc: square(b, c), norm: norm)
  }

  /// Against the basis built by Gram and Schmidt from the vectors. All is of the order 10, in Double:
  /// 1e-12, and 1e-7 for distances from the plane, which are roots of differences.
  @Test func againstTheVectors() throws {
    let (a, b, c) = (Self.point(1, 50), Self.point(2, 50), Self.point(3, 50))
    let plane = try #require(Self.triangle(a, b, c))
    let u = Self.minus(c, a)
    let dx = Self.dot(u, u).squareRoot()
    let unitU = u.map { $0 / dx }
    let ab = Self.minus(b, a)
    let along = Self.dot(ab, unitU)
    let v = zip(ab, unitU).map { $0 - along * $1 }
    let dy = Self.dot(v, v).squareRoot()
    let unitV = v.map { $0 / dy }
    #expect(abs(plane.width - dx) < 1e-12 && abs(plane.height - dy) < 1e-12)
    #expect(abs(plane.foot - along) < 1e-12)

    let shares = plane.shares(x: 1.5, y: -0.7)
    for i in 0..<50 {
      let mixed = shares[0] * a[i] + shares[1] * b[i] + shares[2] * c[i]
      #expect(abs(mixed - (a[i] + 1.5 * unitU[i] - 0.7 * unitV[i])) < 1e-12)
    }
    let w = Self.point(4, 50)
    let found = plane.projection(
      squaredDistances: [Self.square(w, a), Self.square(w, b), Self.square(w, c)])
    let offset = Self.minus(w, a)
    let (x, y) = (Self.dot(offset, unitU), Self.dot(offset, unitV))
    #expect(abs(found.x - x) < 1e-12 && abs(found.y - y) < 1e-12)
    let rest = (0..<50).map { offset[$0] - x * unitU[$0] - y * unitV[$0] }
    #expect(abs(found.distance - Self.dot(rest, rest).squareRoot()) < 1e-7)
  }

  /// The points themselves have the shares 1, 0, 0 in their order, exactly.
  @Test func corners() throws {
    let plane = try #require(Self.triangle(Self.point(5, 9), Self.point(6, 9), Self.point(7, 9)))
    #expect(plane.shares(x: 0, y: 0) == [1, 0, 0])
    #expect(plane.shares(x: plane.foot, y: plane.height) == [0, 1, 0])
    #expect(plane.shares(x: plane.width, y: 0) == [0, 0, 1])
  }

  /// Points on one line, in Float as they come from files, are no plane; neither are equal ones.
  @Test func degenerate() {
    let (a, c) = (Self.point(8, 1000), Self.point(9, 1000))
    for t in [0.5, 0.3, -2, 1.7] {
      let b = zip(a, c).map { Double(Float((1 - t) * $0 + t * $1)) }
      #expect(Self.triangle(a, b, c) == nil)
    }
    #expect(Self.triangle(a, a, c) == nil && Self.triangle(a, c, c) == nil)
    #expect(Self.triangle(a, c, a) == nil)
    // Far from the origin but clearly a triangle.
    let shift = { (p: [Double]) in p.map { $0 + 100 } }
    #expect(Self.triangle(shift(a), shift(Self.point(1, 1000)), shift(c)) != nil)
  }

  @Test func grids() {
    let grid = PlaneGrid(columns: 3, rows: 2, x: -1...1, y: 0...5)
    #expect(grid.points.map(\.x) == [-1, 0, 1, -1, 0, 1])
    #expect(grid.points.map(\.y) == [0, 0, 0, 5, 5, 5])
    #expect(PlaneGrid(columns: 21, x: -0.3...0.3).xs[10] == 0)
    #expect(PlaneGrid(columns: 5, x: 0...1).ys == [0])
  }

  /// Coordinates along two directions that are not at right angles, and along one.
  @Test func directionFrames() throws {
    let (d, e, w) = (Self.point(1, 40), Self.point(2, 40), Self.point(3, 40))
    let frame = DirectionFrame(xx: Self.dot(d, d), xy: Self.dot(d, e), yy: Self.dot(e, e))
    let found = try #require(
      frame.projection(products: [Self.dot(w, d), Self.dot(w, e)], square: Self.dot(w, w)))
    // What is left is at right angles to both.
    let rest = (0..<40).map { w[$0] - found.x * d[$0] - found.y * e[$0] }
    #expect(abs(Self.dot(rest, d)) < 1e-11 && abs(Self.dot(rest, e)) < 1e-11)
    #expect(abs(found.distance - Self.dot(rest, rest).squareRoot()) < 1e-7)
    let line = try #require(
      DirectionFrame(xx: 4).projection(products: [6], square: 25))
    #expect(line.x == 1.5 && line.y == 0 && line.distance == 4)
    #expect(DirectionFrame(xx: 0).projection(products: [0], square: 1) == nil)
    #expect(DirectionFrame(xx: 1, xy: 2, yy: 4).projection(products: [1, 2], square: 9) == nil)
  }

  static let layout = VectorLayout([
    ("c.weight", [3, 2, 5, 7], .weight), ("c.bias", [3], .bias), ("n.weight", [3], .scale),
    ("n.bias", [3], .shift), ("tiny.weight", [700, 1, 1], .weight),
    ("d.weight", [2, 3000], .weight),
    ("noise", [], .other),
  ])

  static func directions(width: Int) -> (FilterNormalizedDirections, [Float]) {
    var stream = RandomStream(seed: 1, stream: 1)
    let weights = (0..<layout.count).map { _ in stream.normal() }
    var directions = FilterNormalizedDirections(layout, count: 2, seed: 5)
    for start in Swift.stride(from: 0, to: layout.count, by: width) {
      let columns = start..<min(start + width, layout.count)
      let block = Array(weights[columns])
      var memory = block
      var variates = memory.mutableSpan
      directions.addNorms(
        directions.squaredNorms(
          of: block.span, columns: columns, leaf: 1024, variates: &variates))
    }
    return (directions, weights)
  }

  static func fill(_ directions: FilterNormalizedDirections, _ j: Int, width: Int) -> [Float] {
    var result: [Float] = []
    for start in Swift.stride(from: 0, to: layout.count, by: width) {
      let columns = start..<min(start + width, layout.count)
      var block = [Float](repeating: .nan, count: columns.count)
      var span = block.mutableSpan
      directions.fill(&span, direction: j, columns: columns)
      result += block
    }
    return result
  }

  /// Each filter has the norm of the weights' filter, to a few roundings of Float; everything else is
  /// 0; within a filter the elements are the seed's normal variates but for the factor.
  @Test func filterNorms() {
    let (directions, weights) = Self.directions(width: 2048)
    for j in 0..<2 {
      let d = Self.fill(directions, j, width: 2048)
      for slot in Self.layout.slots {
        guard slot.role == .weight else {
          #expect(slot.range.allSatisfy { d[$0] == 0 }, "\(slot.name)")
          continue
        }
        let length = slot.count / slot.shape[0]
        for f in 0..<slot.shape[0] {
          let start = slot.range.lowerBound + f * length
          var (own, found) = (0.0, 0.0)
          for i in start..<(start + length) {
            own += Double(weights[i]) * Double(weights[i])
            found += Double(d[i]) * Double(d[i])
          }
          #expect(abs(found.squareRoot() - own.squareRoot()) <= 1e-6 * own.squareRoot())
          let first = RandomStream.normal(seed: 5, stream: 0x504c << 48 | UInt64(j), index: start)
          let last = RandomStream.normal(
            seed: 5, stream: 0x504c << 48 | UInt64(j), index: start + length - 1)
          #expect(abs(d[start] * last - d[start + length - 1] * first) < 1e-5)
        }
      }
    }
    #expect(Self.fill(directions, 0, width: 2048) != Self.fill(directions, 1, width: 2048))
  }

  /// Blocks do not change a bit.
  @Test func filtersInBlocks() {
    let (whole, _) = Self.directions(width: 1 << 20)
    let reference = Self.fill(whole, 1, width: 1 << 20)
    for width in [1024, 3072] {
      let (directions, _) = Self.directions(width: width)
      #expect(Self.fill(directions, 1, width: width) == reference)
    }
  }
}
