import WeightSpace

/// The plane, or line, along filter-normalised random directions from one weight. Its rows are the
/// weight and the directions.
public struct RandomPlane: WeightPlane {
  /// No tensor has filters, so that all directions are 0.
  public struct NoFilters: Error {}

  public let base: any WeightRows
  public let axes: Int
  private let directions: FilterNormalizedDirections
  private let extent: Double

  public var rowCount: Int { 1 + axes }
  public let hasOrigin = true

  /// One pass over the weights.
  ///
  /// - Parameters:
  ///   - weights: of which the first row is the origin.
  ///   - axes: 2, or 1 for a line.
  ///   - extent: how far the grid goes.
  ///   - memory: bytes, of all threads.
  /// - Throws: `NoFilters`, and what reading throws, also for a NaN or infinity.
  public init(
    at weights: any WeightRows, axes: Int, extent: Double, seed: UInt64, memory: Int
  ) throws {
    base = weights
    self.axes = axes
    self.extent = extent
    let start = FilterNormalizedDirections(weights.layout, count: axes, seed: seed)
    guard !start.isEmpty else { throw NoFilters() }
    directions = try weights.planeBlocks(memory: memory, rows: 2).reduce(into: start) {
      emptyRows(2, width: $0)
    } _: { columns, rows -> FilterNormalizedDirections.NormParts in
      try weights.readFinite(columns, of: 0, into: &rows[0])
      let block = rows[0]
      var variates = rows[1].mutableSpan
      return start.squaredNorms(
        of: block.span, columns: columns, leaf: columnLeaf, variates: &variates)
    } fold: {
      $0.addNorms($1)
    }
  }

  public func load(_ columns: Range<Int>, into rows: inout [[Float]]) throws {
    try base.readFinite(columns, of: 0, into: &rows[0])
    for j in 0..<axes {
      var span = rows[j + 1].mutableSpan
      directions.fill(&span, direction: j, columns: columns)
    }
  }

  public func grid(_ count: Int) -> PlaneGrid {
    axes == 1
      ? PlaneGrid(columns: count, x: -extent...extent)
      : PlaneGrid(columns: count, rows: count, x: -extent...extent, y: -extent...extent)
  }

  public func coordinates(x: Double, y: Double) -> [Double] { axes == 1 ? [x] : [x, y] }

  /// ‖w − θ‖², for each direction ⟨w, d⟩ and ⟨θ, d⟩, and the directions' inner products.
  public var termCount: Int { axes == 1 ? 4 : 8 }

  public func appendTerms(
    of w: Span<Float>, leaf: Range<Int>, rows: [[Float]], to terms: inout [Double]
  ) {
    let weights = rows[0]
    let origin = weights.span.extracting(leaf)
    terms.append(w.squaredDistance(to: origin))
    for j in 0..<axes {
      let direction = rows[j + 1]
      terms.append(w.dot(direction.span.extracting(leaf)))
      terms.append(origin.dot(direction.span.extracting(leaf)))
    }
    for j in 0..<axes {
      for i in 0...j {
        let (a, b) = (rows[i + 1], rows[j + 1])
        terms.append(a.span.extracting(leaf).dot(b.span.extracting(leaf)))
      }
    }
  }

  public func projection(_ sums: [Double]) -> (x: Double, y: Double, distance: Double)? {
    if axes == 1 {
      return DirectionFrame(xx: sums[3]).projection(products: [sums[1] - sums[2]], square: sums[0])
    }
    return DirectionFrame(xx: sums[5], xy: sums[6], yy: sums[7]).projection(
      products: [sums[1] - sums[2], sums[3] - sums[4]], square: sums[0])
  }
}
