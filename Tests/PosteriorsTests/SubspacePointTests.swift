import Posteriors
import Testing
import WeightSpace

@testable import Randomness

@Suite struct SubspacePointTests {
  /// More than two chunks, and not a multiple of anything.
  private let count = 2 * chunkLength + 77

  private func normals(_ stream: UInt64) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    var span = values.mutableSpan
    RandomStream.fillNormals(&span, seed: 8, stream: stream)
    return values
  }

  @Test func pointsAndProjections() {
    var subspace = AffineSubspace(parameterCount: count, dimension: 3)
    let shift = normals(0)
    let rows = [normals(1), normals(2), normals(3)]
    subspace.shift = WeightVector(shift)
    for j in 0..<3 {
      subspace.setDirection(j) { direction in
        for i in rows[j].indices { direction[i] = rows[j][i] }
      }
    }
    let z = [0.3, -1.7, 1e-3]
    var point = WeightVector(count: count)
    subspace.point(z, into: &point)
    for i in stride(from: 0, to: count, by: 97) {
      var sum = Double(shift[i])
      for j in 0..<3 { sum += z[j] * Double(rows[j][i]) }
      #expect(point[i] == Float(sum))
    }
    subspace.point([0, 0, 0], into: &point)
    #expect(point.elements == shift)
    let gradient = normals(4)
    let slopes = subspace.project(WeightVector(gradient))
    for j in 0..<3 {
      var sum = 0.0
      for i in 0..<count { sum += Double(rows[j][i]) * Double(gradient[i]) }
      #expect(abs(slopes[j] - sum) < 1e-10)
    }
  }
}
