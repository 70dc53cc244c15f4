import Posteriors
import Testing
import WeightSpace

@testable import Randomness

/// Rows of long vectors: inner products and combinations beside their definitions.
@Suite struct SubspaceAlgebraTests {
  /// Normal numbers, [rows, columns] row-major, far from zero so that centring matters.
  private func matrix(_ rows: Int, _ columns: Int, seed: UInt64 = 1) -> [Float] {
    var values = [Float](repeating: 0, count: rows * columns)
    var span = values.mutableSpan
    RandomStream.fillNormals(&span, seed: seed, stream: 0)
    return values.map { 100 + $0 }
  }

  @Test(arguments: [(1, 1), (2, 7), (3, 256), (4, 255), (5, 3), (7, 128), (12, 9), (13, 250)])
  func leaf(_ rows: Int, _ columns: Int) {
    let stride = columns + 5
    let x = matrix(rows, stride)
    for centered in [true, false] {
      var d: [[Double]] = []
      for t in 0..<rows {
        d.append((0..<columns).map { Double(x[t * stride + 3 + $0]) })
      }
      if centered {
        for c in 0..<columns {
          var mean = 0.0
          for t in 0..<rows { mean += d[t][c] }
          mean /= Double(rows)
          for t in 0..<rows { d[t][c] = Double(Float(d[t][c] - mean)) }
        }
      }
      var leaf = DeviationLeaf(rows: rows)
      leaf.load(x.span, stride: stride, columns: 3..<(3 + columns), centered: centered)
      var packed = [Double](repeating: 1, count: rows * (rows + 1) / 2)
      leaf.addInnerProducts(to: &packed)
      for i in 0..<rows {
        for j in 0...i {
          let known = 1 + zip(d[i], d[j]).reduce(0.0) { $0 + $1.0 * $1.1 }
          let size = 1 + zip(d[i], d[j]).reduce(0.0) { $0 + abs($1.0 * $1.1) }
          // The rounding of a sum of so many terms.
          let tolerance = Double(columns + 4) * size * .ulpOfOne
          #expect(abs(packed[i * (i + 1) / 2 + j] - known) <= tolerance, "\(i), \(j)")
        }
      }
      for outputs in [1, 3, 4, 6] {
        let factors = (0..<outputs * rows).map { Double($0 % 5) - 2.25 }
        var y = [Float](repeating: -1, count: outputs * stride)
        var span = y.mutableSpan
        leaf.combine(factors, outputs: outputs, into: &span, stride: stride, at: 2)
        for k in 0..<outputs {
          #expect(y[k * stride] == -1 && y[k * stride + 1] == -1)
          #expect(y[k * stride + 2 + columns] == -1)
          for c in 0..<columns {
            let known = (0..<rows).reduce(0.0) { $0 + factors[k * rows + $1] * d[$1][c] }
            let size = (0..<rows).reduce(0.0) { $0 + abs(factors[k * rows + $1] * d[$1][c]) }
            // Rounded to Float once.
            #expect(abs(Double(y[k * stride + 2 + c]) - known) <= size * 1.2e-7)
          }
        }
      }
    }
  }

  /// The packed inner products of whole rows.
  private func gram(_ x: [Float], rows: Int, centered: Bool) -> SymmetricMatrix {
    let columns = x.count / rows
    var packed = [Double](repeating: 0, count: rows * (rows + 1) / 2)
    var leaf = DeviationLeaf(rows: rows)
    for start in stride(from: 0, to: columns, by: DeviationLeaf.width) {
      leaf.load(
        x.span, stride: columns, columns: start..<min(start + DeviationLeaf.width, columns),
        centered: centered)
      leaf.addInnerProducts(to: &packed)
    }
    return SymmetricMatrix(order: rows, packed: packed)
  }

  /// Rows a e + b f about a mean: two directions, with singular values known in closed form.
  @Test func planeOfRows() {
    let points: [(Float, Float)] = [(3, 0), (-3, 0), (0, 1), (0, -1), (0, 0)]
    let x = points.flatMap { a, b in [10 + a, 20 + b, 30, 40] as [Float] }
    let components = PrincipalComponents(gram: gram(x, rows: 5, centered: true), centered: true)
    #expect(components.rank == 2)
    // Σ a² = 18 and Σ b² = 2.
    for (found, known) in zip(
      components.singularValues, [Double(18).squareRoot(), Double(2).squareRoot()])
    {
      #expect(abs(found - known) < 1e-14)
    }
    for (found, known) in zip(components.explainedVarianceRatio, [0.9, 0.1]) {
      #expect(abs(found - known) < 1e-15)
    }
    let coefficients = components.coefficients(2)
    let deviations = points.map { a, b in [Double(a), Double(b)] }
    for k in 0..<2 {
      var direction = [0.0, 0.0]
      for t in 0..<5 {
        for axis in 0..<2 { direction[axis] += coefficients[k * 5 + t] * deviations[t][axis] }
      }
      #expect(abs(direction[k] - 1) < 1e-14 && abs(direction[1 - k]) < 1e-14)
    }
  }

  @Test func rankOfEqualRows() {
    let x = [Float](repeating: 3, count: 4 * 50)
    #expect(PrincipalComponents(gram: gram(x, rows: 4, centered: true), centered: true).rank == 0)
    // As they are, equal rows span one direction.
    #expect(PrincipalComponents(gram: gram(x, rows: 4, centered: false), centered: false).rank == 1)
  }

  @Test func orthonormalDirections() throws {
    let directions = RandomDirections(seed: 3, count: 6)
    let columns = 1000
    var x: [Float] = []
    for k in 0..<6 {
      var row = [Float](repeating: 0, count: columns)
      var span = row.mutableSpan
      directions.fill(&span, of: k, from: 0)
      x += row
    }
    var part = [Float](repeating: 0, count: 10)
    var span = part.mutableSpan
    directions.fill(&span, of: 4, from: 501)
    #expect(part == Array(x[(4 * columns + 501)..<(4 * columns + 511)]))
    let products = gram(x, rows: 6, centered: false)
    let a = try #require(products.orthonormalizingCoefficients())
    for i in 0..<6 {
      for j in 0..<6 {
        // A G Aᵀ = 1.
        var sum = 0.0
        for s in 0..<6 {
          for t in 0..<6 { sum += a[i * 6 + s] * products[s, t] * a[j * 6 + t] }
        }
        #expect(abs(sum - (i == j ? 1 : 0)) < 1e-13)
        if j > i { #expect(a[i * 6 + j] == 0) }
      }
    }
    let dependent = gram(Array(x[0..<columns]) + Array(x[0..<columns]), rows: 2, centered: false)
    #expect(dependent.orthonormalizingCoefficients() == nil)
  }
}
