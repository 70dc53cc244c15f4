import Testing

@testable import Datasets

@Suite struct SyntheticTests {
  @Test(arguments: Synthetic.allCases)
  func aLargerSetBeginsWithTheSmaller(kind: Synthetic) {
    let small = kind.dataset(count: 50, seed: 3)
    let large = kind.dataset(count: 80, seed: 3).selecting(Array(0..<50))
    #expect(small.inputs == large.inputs && small.targets == large.targets)
    #expect(small.inputs != kind.dataset(count: 50, seed: 4).inputs)
  }

  @Test func digitsAreBalancedImages() {
    let digits = Synthetic.digits.dataset(count: 4000, seed: 1)
    #expect(digits.inputShape == [1, 28, 28] && digits.classCount == 10)
    guard case .classes(let classes) = digits.targets else { return }
    // Ten counts of a binomial with p = 1/10, within five standard deviations.
    for digit in 0..<10 {
      let count = Double(classes.count { $0 == digit })
      #expect(abs(count - 400) < 5 * (4000.0 * 0.09).squareRoot())
    }
    guard case .bytes(let bytes) = digits.inputs else { return }
    let bright = bytes.count { $0 > 100 }
    #expect(bright > 4000 * 30 && bright < 4000 * 300)
  }

  @Test func sinusoidLiesInThePublishedClusters() {
    let data = Synthetic.sinusoid.dataset(count: 8000, seed: 2)
    guard case .floats(let inputs) = data.inputs, case .values(let y, let width) = data.targets
    else { return }
    #expect(width == 1)
    var counts = [0, 0, 0]
    var squares = 0.0
    for i in 0..<8000 {
      let x = 2 * inputs[2 * i]
      #expect(abs(inputs[2 * i + 1] - x * x / 4) < 1e-5)
      let cluster = x < -2 ? 0 : x < 2 ? 1 : 2
      #expect(abs(x - [-6, 0, 6][cluster]) <= 1.2001)
      counts[cluster] += 1
      let residual = Double(y[i] - SyntheticSinusoid.value(x))
      squares += residual * residual
    }
    for (count, share) in zip(counts, [115.0, 136, 149]) {
      #expect(abs(Double(count) - 20 * share) < 5 * (20 * share).squareRoot())
    }
    // The noise's standard deviation, whose estimate has a relative error of 1/√(2n).
    #expect(abs((squares / 8000).squareRoot() / 0.05 - 1) < 5 / (2.0 * 8000).squareRoot())
  }

  @Test func spiralsTurnAroundEachOther() {
    let data = Synthetic.spirals.dataset(count: 500, seed: 0)
    guard case .floats(let inputs) = data.inputs else { return }
    #expect(data.classCount == 2 && data.inputShape == [2])
    #expect(inputs.allSatisfy { abs($0) < 1.3 })
  }
}
