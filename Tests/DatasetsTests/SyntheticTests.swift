import Glibc
import TestSupport
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

  @Test func digitsAreBalancedImages() throws {
    let digits = Synthetic.digits.dataset(count: 4000, seed: 1)
    #expect(digits.inputShape == [1, 28, 28] && digits.classCount == 10)
    guard case .classes(let classes) = digits.targets else { throw Unexpected(digits.targets) }
    // Ten counts of a binomial with p = 1/10, within five standard deviations.
    for digit in 0..<10 {
      let count = Double(classes.count { $0 == digit })
      #expect(abs(count - 400) < 5 * (4000.0 * 0.09).squareRoot())
    }
    guard case .bytes(let bytes) = digits.inputs else { throw Unexpected(digits.inputs) }
    let bright = bytes.count { $0 > 100 }
    #expect(bright > 4000 * 30 && bright < 4000 * 300)
    // The images tell their labels: the nearest of ten mean images, of the first half, to each of
    // the second. By chance a tenth would be right, with a standard error of √(0.09/2000) = 0.0067;
    // three tenths are thirty of these away.
    var means = [[Double]](repeating: [Double](repeating: 0, count: 784), count: 10)
    for n in 0..<2000 {
      let digit = Int(classes[n])
      let share = 1 / Double(classes[..<2000].count { Int($0) == digit })
      for k in 0..<784 { means[digit][k] += share * Double(bytes[784 * n + k]) }
    }
    let right = (2000..<4000).count { n in
      let distances = means.map { mean in
        (0..<784).reduce(0.0) { sum, k in
          let d = Double(bytes[784 * n + k]) - mean[k]
          return sum + d * d
        }
      }
      return distances.firstIndex(of: distances.min()!) == Int(classes[n])
    }
    #expect(right > 600, "\(right)")
  }

  @Test func sinusoidLiesInThePublishedClusters() throws {
    let data = Synthetic.sinusoid.dataset(count: 8000, seed: 2)
    guard case .floats(let inputs) = data.inputs, case .values(let y, let width) = data.targets
    else { throw Unexpected(data.targets) }
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

  @Test func spiralsTurnAroundEachOther() throws {
    let data = Synthetic.spirals.dataset(count: 500, seed: 0)
    guard case .floats(let inputs) = data.inputs else { throw Unexpected(data.inputs) }
    #expect(data.classCount == 2 && data.inputShape == [2])
    guard case .classes(let arms) = data.targets else { throw Unexpected(data.targets) }
    var counts = [0, 0]
    var own = 0
    for n in 0..<500 {
      // The nearest point of the arm r = 0.2 + 0.8 a, φ = 3 π a + π arm, a in [0, 1], on a grid of
      // 1/1000, whose points are less than 0.01 apart.
      let (x, y) = (Double(inputs[2 * n]), Double(inputs[2 * n + 1]))
      var nearest = [Double.infinity, .infinity]
      for arm in 0..<2 {
        for step in 0...1000 {
          let a = Double(step) / 1000
          let (r, angle) = (0.2 + 0.8 * a, 3 * Double.pi * a + Double.pi * Double(arm))
          let (dx, dy) = (x - r * cos(angle), y - r * sin(angle))
          nearest[arm] = min(nearest[arm], dx * dx + dy * dy)
        }
      }
      let arm = Int(arms[n])
      counts[arm] += 1
      // The arms are 0.27 apart, so that a noise of 0.04 crosses to the other in 3.3 deviations.
      #expect(nearest[arm] < 0.2 * 0.2)
      if nearest[arm] < nearest[1 - arm] { own += 1 }
    }
    #expect(own > 490)
    // A fair draw of the arm, within five standard deviations.
    #expect(abs(Double(counts[0]) - 250) < 5 * 125.0.squareRoot())
  }
}
