import Testing
import WeightSpace

/// Lengths around the lanes of the kernels and the chunks of the parallel loops.
let awkwardLengths = [0, 1, 7, 8, 9, 15, 16, 17, 4097, chunkLength, 3 * chunkLength + 5]

/// A vector of small numbers without a pattern that a chunk or lane could hide.
func makeVector(_ count: Int, _ salt: Int = 0) -> WeightVector {
  WeightVector(
    (0..<count).map { Float(($0 &* 7919 &+ salt &* 104_729) % 2003) / 1001 - 1 })
}

@Suite struct ElementwiseTests {
  @Test(arguments: awkwardLengths) func equalsNaiveTwin(count: Int) {
    let a = makeVector(count, 1).elements
    let x = makeVector(count, 2)
    let twin = x.elements

    var sum = WeightVector(a)
    sum.add(scaled: 0.3, x)
    #expect(sum.elements == zip(a, twin).map { $0 + 0.3 * $1 })

    var plain = WeightVector(a)
    plain.add(x)
    #expect(plain.elements == zip(a, twin).map { $0 + $1 })
    plain.copy(from: x)
    #expect(plain.elements == twin)

    var difference = WeightVector(a)
    difference.subtract(x)
    #expect(difference.elements == zip(a, twin).map { $0 - $1 })

    var scaled = WeightVector(a)
    scaled.scale(by: -1.5)
    #expect(scaled.elements == a.map { $0 * -1.5 })

    var between = WeightVector(a)
    between.interpolate(to: x, fraction: 0.25)
    #expect(between.elements == zip(a, twin).map { $0 + 0.25 * ($1 - $0) })

    var filled = WeightVector(a)
    filled.fill(with: 2)
    #expect(filled.elements == [Float](repeating: 2, count: count))
  }

  @Test func runningMeanIsTheMean() {
    var mean = WeightVector(count: 3)
    for (n, value) in [Float](arrayLiteral: 1, 2, 4, 7).enumerated() {
      mean.interpolate(to: WeightVector([value, -value, 0]), fraction: 1 / Float(n + 1))
    }
    #expect(mean.elements.map { abs($0) } == [3.5, 3.5, 0])
  }

  @Test func cloneIsIndependent() {
    let a = makeVector(100)
    var b = a.clone()
    b[3] = 99
    #expect(a.elements == makeVector(100).elements)
    #expect(b[3] == 99)
  }
}

@Suite(.serialized) struct ReductionTests {
  @Test(arguments: awkwardLengths) func equalsNaiveTwin(count: Int) {
    let a = makeVector(count, 1)
    let x = makeVector(count, 2)
    let pairs = zip(a.elements, x.elements).map { (Double($0), Double($1)) }
    // Each of `count` additions of terms up to 4 rounds by at most half an ulp of the sum.
    let tolerance = Double(count) * 4 * Double(count + 1) * 0x1p-53

    #expect(abs(a.dot(x) - pairs.reduce(0) { $0 + $1.0 * $1.1 }) <= tolerance)
    #expect(abs(a.sum - pairs.reduce(0) { $0 + $1.0 }) <= tolerance)
    #expect(abs(a.squaredNorm - pairs.reduce(0) { $0 + $1.0 * $1.0 }) <= tolerance)
    let distance = a.distance(to: x)
    let squared = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    #expect(abs(distance * distance - squared) <= tolerance + squared * 0x1p-51)
  }

  @Test func sumOfManySquaresKeepsDoublePrecision() {
    // In strict Float this sum is off by 4e-4 relative.
    let count = 1 << 20
    let a = WeightVector([Float](repeating: 0.1, count: count))
    let exact = Double(Float(0.1)) * Double(Float(0.1)) * Double(count)
    #expect(abs(a.squaredNorm / exact - 1) < 1e-12)
  }

  @Test func bitsDoNotDependOnThreads() {
    let count = 5 * chunkLength + 77
    let a = makeVector(count, 3)
    let x = makeVector(count, 4)
    let before = Parallelism.threadCount
    defer { Parallelism.threadCount = before }
    var results: [[Double]] = []
    for threads in [1, 2, 3, 8] {
      Parallelism.threadCount = threads
      var b = a.clone()
      b.add(scaled: 0.1, x)
      results.append([a.dot(x), a.norm, a.distance(to: x), b.norm, b.sum])
    }
    for result in results { #expect(result == results[0]) }
  }

  @Test(arguments: [0, 15, 16, chunkLength, 2 * chunkLength + 2])
  func findsTheFirstNonFinite(index: Int) {
    var a = makeVector(2 * chunkLength + 3)
    #expect(a.isFinite == true)
    #expect(a.firstNonFinite == nil)
    a[2 * chunkLength + 2] = -.infinity
    a[index] = .nan
    #expect(a.isFinite == false)
    #expect(a.firstNonFinite == index)
  }

  @Test func largestFiniteNumberIsFinite() {
    let a = WeightVector([.greatestFiniteMagnitude, -0.0, .leastNonzeroMagnitude])
    #expect(a.isFinite == true)
    let none = WeightVector(count: 0)
    #expect(none.isFinite == true)
    #expect(none.norm == 0)
  }
}

@Suite struct ChunkTests {
  @Test(arguments: [0, 1, 9, 10, 11, 1000]) func everyElementOnce(count: Int) {
    var marks = WeightVector(count: count)
    forEachChunk(updating: &marks, length: 10) { chunk, range in
      for i in 0..<chunk.count { chunk[i] += Float(range.lowerBound + i + 1) }
    }
    #expect(marks.elements == (0..<count).map { Float($0 + 1) })
  }

  @Test func threadCountIsAtLeastOne() {
    #expect(Parallelism.availableProcessors >= 1)
    #expect(Parallelism.threadCount >= 1)
  }
}
