import Testing
import WeightSpace

@Suite struct RowsTests {
  static func values(_ seed: Int, _ count: Int) -> [Float] {
    (0..<count).map { Float(($0 * 37 + seed * 101) % 257) / 64 - 2 }
  }

  /// Against loops in Double: three products of numbers below 10 are within 1e-5; the squared norm
  /// within the same, relatively.
  @Test(arguments: [0, 1, 7, 8, 9, 4096, 4097, 20_001])
  func combinations(_ count: Int) {
    let rows = (0..<4).map { Self.values($0, count) }
    let first = WeightVector(rows[0] + rows[1])
    let rest = WeightVector(rows[2] + rows[3])
    let factors: [Float] = [0.5, 0, -1.25, 2]
    var result = WeightVector([Float](repeating: .nan, count: count))
    let square = result.setCombination(factors, ofRows: first, rest)
    var norm = 0.0
    for i in 0..<count {
      var sum = 0.0
      for k in 0..<4 { sum += Double(factors[k]) * Double(rows[k][i]) }
      #expect(abs(Double(result[i]) - sum) < 1e-5)
      norm += sum * sum
    }
    #expect(abs(square - norm) <= 1e-5 * norm)
    _ = result.setCombination([0, 0, 1, 0], ofRows: first, rest)
    #expect(result.elements == rows[2])
    _ = result.setCombination([0, 0, 0, 0], ofRows: first, rest)
    #expect(result.elements == [Float](repeating: 0, count: count))

    let g = WeightVector(rows[0])
    let w = WeightVector(rows[1])
    var gradients = WeightVector([Float](repeating: .nan, count: 2 * count))
    gradients.setRows([0.25, -3], times: g, plus: 0.5, w)
    var one = WeightVector(rows[0])
    one.scaleSum(-3, plus: 0.5, w)
    for i in 0..<count {
      #expect(gradients[i] == 0.25 * (rows[0][i] + 0.5 * rows[1][i]))
      #expect(gradients[count + i] == -3 * (rows[0][i] + 0.5 * rows[1][i]))
      #expect(one[i] == gradients[count + i])
    }
    gradients.copy(row: 1, from: w)
    #expect(Array(gradients.elements[count...]) == rows[1])
  }
}
