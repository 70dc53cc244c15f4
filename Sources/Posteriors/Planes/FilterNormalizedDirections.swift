import Randomness
import WeightSpace

/// Random directions in weight space, each filter of which has the norm of the weights' own: standard
/// normal variates d, then for each filter f
///
///     d_f ← d_f ‖θ_f‖ / ‖d_f‖
///
/// and 0 for biases, BatchNorm and all else that is in no filter, as published. Two directions are
/// nearly at right angles, not exactly.
///
/// Found in two passes over blocks of columns: `squaredNorms` of every block, added up by
/// `addNorms` in the columns' order, then `fill`. The variates are a function of (seed, direction,
/// element).
///
/// Li, Xu, Taylor, Studer and Goldstein, "Visualizing the loss landscape of neural nets", NeurIPS
/// 2018, section 4.
public struct FilterNormalizedDirections: Sendable {
  /// How many directions.
  public let count: Int
  public let seed: UInt64
  private let filters: FilterTable
  /// ‖θ_f‖² and each direction's ‖d_f‖², filter by filter.
  private var squares: [Double]

  public init(_ layout: VectorLayout, count: Int, seed: UInt64) {
    self.count = count
    self.seed = seed
    filters = FilterTable(layout)
    squares = [Double](repeating: 0, count: filters.count * (count + 1))
  }

  /// Whether there is any filter, without which all directions are 0.
  public var isEmpty: Bool { filters.count == 0 }

  /// What a block adds to the squared norms of some filters.
  public struct NormParts: Sendable {
    fileprivate var filters: [Int] = []
    fileprivate var squares: [Double] = []
  }

  /// The squared norms of those parts of filters that lie in a block.
  ///
  /// - Parameters:
  ///   - block: the weights of `columns`, whose start is a multiple of `leaf`.
  ///   - variates: memory of the same length.
  public func squaredNorms(
    of block: Span<Float>, columns: Range<Int>, leaf: Int, variates: inout MutableSpan<Float>
  ) -> NormParts {
    var parts = NormParts()
    filters.forEachPart(of: columns, leaf: leaf) { filter, part in
      let place = Self.place(part, in: columns)
      let weights = block.extracting(place)
      parts.filters.append(filter)
      parts.squares.append(weights.dot(weights))
      for _ in 0..<count { parts.squares.append(0) }
    }
    for direction in 0..<count {
      fillVariates(&variates, direction, from: columns.lowerBound)
      var index = 1 + direction
      filters.forEachPart(of: columns, leaf: leaf) { _, part in
        let normals = variates.span.extracting(Self.place(part, in: columns))
        parts.squares[index] = normals.dot(normals)
        index += count + 1
      }
    }
    return parts
  }

  /// Takes a block's norms; blocks come in the columns' order.
  public mutating func addNorms(_ parts: NormParts) {
    for (k, filter) in parts.filters.enumerated() {
      for j in 0...count {
        squares[filter * (count + 1) + j] += parts.squares[k * (count + 1) + j]
      }
    }
  }

  /// A block of a direction's elements.
  public func fill(_ block: inout MutableSpan<Float>, direction: Int, columns: Range<Int>) {
    fillVariates(&block, direction, from: columns.lowerBound)
    var done = 0
    filters.forEachPart(of: columns, leaf: .max) { filter, part in
      let place = Self.place(part, in: columns)
      let factor = self.factor(filter, direction)
      for i in done..<place.lowerBound { block[i] = 0 }
      for i in place { block[i] *= factor }
      done = place.upperBound
    }
    for i in done..<block.count { block[i] = 0 }
  }

  private func factor(_ filter: Int, _ direction: Int) -> Float {
    let norms = filter * (count + 1)
    let own = squares[norms + 1 + direction]
    return own > 0 ? Float((squares[norms] / own).squareRoot()) : 0
  }

  private func fillVariates(_ block: inout MutableSpan<Float>, _ direction: Int, from index: Int) {
    RandomStream.fillNormals(
      &block, seed: seed, stream: RandomPurpose.filterDirection.stream(direction), from: index)
  }

  private static func place(_ part: Range<Int>, in columns: Range<Int>) -> Range<Int> {
    (part.lowerBound - columns.lowerBound)..<(part.upperBound - columns.lowerBound)
  }
}
