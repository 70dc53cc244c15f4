import Posteriors
import Synchronization
import TestSupport
import Testing
import WeightSpace

@testable import Randomness

/// What is made of rows a block at a time, beside the definitions on whole rows in Double.
@Suite struct OutOfCoreTests {
  /// Normal numbers far from zero, so that centring matters.
  private func rows(_ count: Int, _ width: Int) -> MemoryRows {
    MemoryRows(
      rows: (0..<count).map { t in
        var values = [Float](repeating: 0, count: width)
        var span = values.mutableSpan
        RandomStream.fillNormals(&span, seed: 3, stream: UInt64(t))
        return values.map { 100 + $0 * Float(t + 1) }
      })
  }

  private func mean(_ rows: MemoryRows, upTo count: Int) -> [Double] {
    (0..<rows.layout.count).map { i in
      rows.rows.prefix(count).reduce(0) { $0 + Double($1[i]) } / Double(count)
    }
  }

  @Test(arguments: [SWAG.Centre.running, .final])
  func swag(_ centre: SWAG.Centre) throws {
    let rows = rows(5, 3000)
    let found = Mutex([String: [Float]]())
    try SWAG(of: rows, rank: 2, deviationsFrom: centre).fit(memory: 1 << 10) {
      part, columns, values in
      found.withLock {
        var row = $0["\(part)"] ?? [Float](repeating: .nan, count: 3000)
        for (k, column) in columns.enumerated() { row[column] = values[k] }
        $0["\(part)"] = row
      }
    }
    let parts = found.withLock { $0 }
    #expect(parts.count == 4)
    let mean = mean(rows, upTo: 5)
    for i in 0..<3000 {
      #expect(try #require(parts["mean"])[i] == Float(mean[i]))
      let variance =
        rows.rows.reduce(0) {
          $0 + (Double($1[i]) - mean[i]) * (Double($1[i]) - mean[i])
        } / 5
      #expect(abs(Double(try #require(parts["variance"])[i]) / variance - 1) < 1e-6)
      for k in 0..<2 {
        let centre = centre == .final ? mean[i] : self.mean(rows, upTo: 4 + k, at: i)
        let deviation = Double(rows.rows[3 + k][i]) - centre
        // Rounded to Float once, from a mean that Welford's recursion has to 1e-13.
        #expect(
          abs(Double(try #require(parts["deviation(\(k))"])[i]) - deviation)
            < 6e-8 * abs(deviation) + 1e-12)
      }
    }
  }

  private func mean(_ rows: MemoryRows, upTo count: Int, at i: Int) -> Double {
    rows.rows.prefix(count).reduce(0) { $0 + Double($1[i]) } / Double(count)
  }

  /// Components are orthonormal, and the rows' deviations lie in their span.
  @Test func principalComponents() throws {
    let rows = rows(4, 2500)
    let pca = SubspacePCA(of: rows, about: .mean, memory: 1 << 10)
    let axes = try SubspaceAxes(
      principal: try pca.gramMatrix(), centered: true, rank: 5)
    #expect(axes.count == 3 && axes.rows == 4)
    #expect(abs(axes.explainedVarianceRatio.reduce(0, +) - 1) < 1e-9)
    let found = Mutex([[Double]](repeating: [Double](repeating: .nan, count: 2500), count: 4))
    try pca.combine(axes.coefficients, components: 3) { part, columns, values in
      var row = 3
      if case .component(let k) = part { row = k }
      found.withLock {
        for (k, column) in columns.enumerated() { $0[row][column] = Double(values[k]) }
      }
    }
    let result = found.withLock { $0 }
    let mean = mean(rows, upTo: 4)
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    for k in 0..<3 {
      // 2500 elements rounded to Float: 2500 · (1/50) · 6e-8 · (1/50).
      for j in 0...k { #expect(abs(dot(result[k], result[j]) - (j == k ? 1 : 0)) < 1e-6) }
    }
    for t in 0..<4 {
      let deviation = (0..<2500).map { Double(rows.rows[t][$0]) - mean[$0] }
      let inside = (0..<3).reduce(0.0) { sum, k in
        let share = dot(deviation, result[k])
        return sum + share * share
      }
      #expect(abs(inside / dot(deviation, deviation) - 1) < 1e-5)
    }
    for i in 0..<2500 { #expect(result[3][i] == Double(Float(mean[i]))) }
  }

  @Test func axesThatAreNot() throws {
    let same = MemoryRows(rows: Array(repeating: [1, 2, 3], count: 3))
    let gram = try SubspacePCA(of: same, about: .mean, memory: 1 << 20).gramMatrix()
    #expect(throws: SubspaceAxes.Problem.noDirections) {
      try SubspaceAxes(principal: gram, centered: true, rank: 5)
    }
    let one = try SubspaceAxes(
      principal: SymmetricMatrix(order: 2, elements: [4, 0, 0, 0]), centered: false, rank: 2)
    #expect(one.count == 1 && one.singularValues == [2])
    #expect(throws: SubspaceAxes.Problem.dependentRows) {
      try SubspaceAxes(orthonormalizing: SymmetricMatrix(order: 2, elements: [1, 1, 1, 1]))
    }
  }

  /// a = 0, b = (0, 3, 0, …), c = (4, 0, …): the plane's own coordinates, and those of a point above it.
  @Test func plane() throws {
    func point(_ x: Float, _ y: Float, _ z: Float) -> [Float] {
      [x, y, z] + [Float](repeating: 0, count: 1500)
    }
    let rows = MemoryRows(rows: [point(0, 0, 0), point(0, 3, 0), point(4, 0, 0)])
    let plane = try TrianglePlane(through: rows, margin: 0.5, memory: 1 << 20)
    #expect(plane.coordinates(x: 4, y: 0) == [0, 0, 1])
    let above = MemoryRows(rows: [point(1, 2, 7)])
    let place = try #require(try plane.projection(of: above, row: 0, memory: 1 << 20))
    #expect(abs(place.x - 1) < 1e-14 && abs(place.y - 2) < 1e-14 && abs(place.distance - 7) < 1e-13)
    #expect(throws: TrianglePlane.Problem.collinear) {
      try TrianglePlane(
        through: MemoryRows(rows: [point(0, 0, 0), point(1, 0, 0), point(4, 0, 0)]), margin: 0,
        memory: 1 << 20)
    }
    #expect(throws: TrianglePlane.Problem.equal(0, 2)) {
      try TrianglePlane(
        through: MemoryRows(rows: [point(1, 0, 0), point(2, 0, 0), point(1, 0, 0)]), margin: 0,
        memory: 1 << 20)
    }
  }
}
