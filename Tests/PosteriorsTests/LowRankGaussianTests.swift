import Foundation
import Posteriors
import Testing
import WeightSpace

@Suite struct LowRankGaussianTests {
  /// A block of that width with K rows, all of it different.
  static func block(_ width: Int, rank: Int) -> GaussianBlock {
    var block = GaussianBlock(width: width, rank: rank)
    for i in 0..<width {
      block.mean[i] = Float(i % 7) - 3
      block.variance[i] = 0.1 + Float(i % 5)
      for k in 0..<rank { block.deviations[k * width + i] = Float((i * 13 + k * 29) % 17) / 8 - 1 }
    }
    return block
  }

  static func draw(
    _ block: GaussianBlock, _ gaussian: LowRankGaussian, seed: UInt64 = 3, _ index: Int,
    from start: Int = 0
  ) -> [Float] {
    var noise = [Float](repeating: 0, count: block.width)
    var span = noise.mutableSpan
    LowRankGaussian.fillNoise(&span, seed: seed, draw: index, from: start)
    var result = noise
    var target = result.mutableSpan
    block.draw(
      standardDeviations: block.standardDeviations(gaussian),
      coefficients: gaussian.coefficients(seed: seed, draw: index), noise: noise.span,
      into: &target)
    return result
  }

  /// s (v δᵢⱼ + Σₖ DₖᵢDₖⱼ / n).
  static func covariance(_ block: GaussianBlock, _ gaussian: LowRankGaussian) -> [[Double]] {
    let width = block.width
    return (0..<width).map { i in
      (0..<width).map { j in
        var sum = i == j ? Double(block.variance[i]) : 0
        for k in 0..<gaussian.rank {
          let a = Double(block.deviations[k * width + i])
          sum += a * Double(block.deviations[k * width + j]) / gaussian.normalizer
        }
        return gaussian.scale * sum
      }
    }
  }

  /// SWAG of the scalar iterates 1, 2, 4, 7 with K = 3: variance 5.25, deviations ½, 5/3, 7/2; the
  /// variance of draws is ½ (5.25 + 7.638889).
  @Test func scalarIterates() {
    var block = GaussianBlock(width: 1, rank: 3)
    block.mean = [3.5]
    block.variance = [5.25]
    block.deviations = [0.5, Float(5.0 / 3), 3.5]
    let gaussian = LowRankGaussian(scale: 0.5, rank: 3, normalizer: 2)
    #expect(abs(Self.covariance(block, gaussian)[0][0] - 6.444444) < 1e-6)
    let draws = (0..<40_000).map { Double(Self.draw(block, gaussian, $0)[0]) }
    let mean = draws.reduce(0, +) / 40_000
    var squares = 0.0
    for draw in draws { squares += (draw - mean) * (draw - mean) }
    // Four standard errors: √(6.44/40000) of the mean, √(2/40000) of the variance's ratio.
    #expect(abs(mean - 3.5) < 4 * 0.0127)
    #expect(abs(squares / 40_000 / 6.444444 - 1) < 4 * 0.00707)
  }

  /// Mean and covariance of many draws, within five standard errors of each of the 36 entries.
  @Test(arguments: [(0.5, 4, 3.0), (2.0, 4, 9.0), (1.0, 0, 1.0)])
  func momentsOfDraws(_ scale: Double, _ rank: Int, _ normalizer: Double) {
    let width = 8
    let count = 20_000
    let block = Self.block(width, rank: rank)
    let gaussian = LowRankGaussian(scale: scale, rank: rank, normalizer: normalizer)
    let known = Self.covariance(block, gaussian)
    let draws = (0..<count).map { index in
      zip(Self.draw(block, gaussian, index), block.mean).map { Double($0) - Double($1) }
    }
    for i in 0..<width {
      var sum = 0.0
      for draw in draws { sum += draw[i] }
      #expect(abs(sum / Double(count)) < 5 * (known[i][i] / Double(count)).squareRoot())
      for j in 0...i {
        var product = 0.0
        for draw in draws { product += draw[i] * draw[j] }
        let variance = known[i][i] * known[j][j] + known[i][j] * known[i][j]
        let error = abs(product / Double(count) - known[i][j])
        #expect(error < 5 * (variance / Double(count)).squareRoot(), "(\(i), \(j))")
      }
    }
  }

  /// A draw's bits depend on neither blocks nor other draws.
  @Test func blocksGiveTheSameBits() {
    let whole = Self.block(101, rank: 5)
    let gaussian = LowRankGaussian(scale: 0.5, rank: 5, normalizer: 4)
    let known = Self.draw(whole, gaussian, 7)
    for (start, end) in [(0, 33), (33, 34), (34, 101)] {
      var part = GaussianBlock(width: end - start, rank: 5)
      part.mean = Array(whole.mean[start..<end])
      part.variance = Array(whole.variance[start..<end])
      part.deviations = (0..<5).flatMap { whole.deviations[($0 * 101 + start)..<($0 * 101 + end)] }
      #expect(Self.draw(part, gaussian, 7, from: start) == Array(known[start..<end]))
    }
    #expect(Self.draw(whole, gaussian, 8) != known)
    #expect(Self.draw(whole, gaussian, seed: 4, 7) != known)
  }

  /// The density beside the dense formula: Cholesky of all of Σ.
  @Test(arguments: [0, 1, 5]) func densityOfSmallVectors(_ rank: Int) throws {
    let width = 40
    let block = Self.block(width, rank: rank)
    let gaussian = LowRankGaussian(scale: 0.7, rank: rank, normalizer: 3)
    let points = (0..<3).map { Self.draw(block, gaussian, $0) }
    let all = points.flatMap { $0 }
    var sums = [Double](repeating: 0, count: DensitySums.count(rank: rank, points: 3))
    for columns in [0..<16, 16..<17, 17..<40] {
      let part = DensitySums(block, columns: columns, points: all.span, count: 3)
      for i in sums.indices { sums[i] += part.values[i] }
    }
    let covariance = Self.covariance(block, gaussian)
    let dense = try #require(
      SymmetricMatrix(order: width, elements: covariance.flatMap { $0 }).choleskyFactor())
    for (index, point) in points.enumerated() {
      let x = zip(point, block.mean).map { Double($0) - Double($1) }
      let distance = dense.solveLower(x).reduce(0.0) { $0 + $1 * $1 }
      let known = -0.5 * (Double(width) * log(2 * .pi) + dense.logDeterminant + distance)
      let found = try #require(
        gaussian.logDensity(
          ofPoint: index, sums: DensitySums(rank: rank, values: sums), parameterCount: width))
      #expect(abs(found - known) < 1e-10 * abs(known))
    }
  }

  /// Squared Mahalanobis distances of draws are χ² distributed: of 2000 draws of 903 weights with
  /// 100 deviations, 95 % lie below the 95 % quantile, give or take four times √(0.05 · 0.95/2000).
  @Test(arguments: [0.01, 0.5, 5]) func distancesAreChiSquared(_ scale: Double) throws {
    let (width, rank, count) = (903, 100, 2000)
    let block = Self.block(width, rank: rank)
    let gaussian = LowRankGaussian(scale: scale, rank: rank, normalizer: Double(rank - 1))
    let points = (0..<count).flatMap { Self.draw(block, gaussian, $0) }
    let sums = DensitySums(block, columns: 0..<width, points: points.span, count: count)
    // Wilson and Hilferty's approximation of the quantile, good to 1e-4 here.
    let t = 2 / (9 * Double(width))
    let quantile = Double(width) * pow(1 - t + 1.6448536 * t.squareRoot(), 3)
    var below = 0
    for index in 0..<count {
      let distance = try #require(
        gaussian.squaredMahalanobisDistance(ofPoint: index, sums: sums))
      if distance < quantile { below += 1 }
    }
    #expect(abs(Double(below) / Double(count) - 0.95) < 4 * 0.00487)
  }

  @Test func logarithmsOfMeans() {
    #expect(abs(logMean([0, log(3)]) - log(2)) < 1e-15)
    #expect(abs(logMean([-1e6, -1e6 - 800]) - (-1e6 - log(2))) < 1e-9)
    #expect(logMean([-.infinity, -.infinity]) == -.infinity)
  }
}
