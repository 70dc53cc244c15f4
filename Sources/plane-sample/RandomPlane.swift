import Files
import Posteriors
import TrajectoryFiles
import WeightSpace

/// The plane, or line, along filter-normalised random directions from one weight. Its rows are the
/// weight and the directions.
struct RandomPlane: WeightPlane {
  let base: SnapshotSequence
  let axes: Int
  private let directions: FilterNormalizedDirections
  private let extent: Double

  var rowCount: Int { 1 + axes }
  let hasOrigin = true

  /// One pass over the weights.
  ///
  /// - Throws: `FileError`, also of kind `wrongData` for weights without a filter.
  init(at operand: String, axes: Int, extent: Double, seed: UInt64, memory: Int) throws {
    let base = try SnapshotSequence([operand], selection: SnapshotSelection(last: 1))
    self.base = base
    self.axes = axes
    self.extent = extent
    let start = FilterNormalizedDirections(base.layout, count: axes, seed: seed)
    guard !start.isEmpty else {
      throw FileError(
        .wrongData, file: base.name(of: 0), object: "weights",
        "no tensor has filters: none has two axes or more and is called weight")
    }
    directions = try reduceColumnBlocks(
      count: base.layout.count, width: blockWidth(of: base, rows: 2, memory: memory), into: start
    ) {
      emptyRows(2)
    } _: { columns, rows -> FilterNormalizedDirections.NormParts in
      try Self.loadWeights(base, columns, into: &rows[0])
      resize(&rows[1], columns.count)
      let weights = rows[0]
      var variates = rows[1].mutableSpan
      return start.squaredNorms(
        of: weights.span, columns: columns, leaf: columnLeaf, variates: &variates)
    } fold: {
      $0.addNorms($1)
    }
  }

  func load(_ columns: Range<Int>, into rows: inout [[Float]]) throws {
    try Self.loadWeights(base, columns, into: &rows[0])
    for j in 0..<axes {
      resize(&rows[j + 1], columns.count)
      var span = rows[j + 1].mutableSpan
      directions.fill(&span, direction: j, columns: columns)
    }
  }

  private static func loadWeights(
    _ base: SnapshotSequence, _ columns: Range<Int>, into row: inout [Float]
  ) throws {
    resize(&row, columns.count)
    var span = row.mutableSpan
    try base.readColumns(columns, of: 0, into: &span)
    guard span.span.isFinite else { throw try base.nonFiniteError(in: columns) }
  }

  func grid(_ count: Int) -> PlaneGrid {
    axes == 1
      ? PlaneGrid(columns: count, x: -extent...extent)
      : PlaneGrid(columns: count, rows: count, x: -extent...extent, y: -extent...extent)
  }

  func coordinates(x: Double, y: Double) -> [Double] { axes == 1 ? [x] : [x, y] }

  /// ‖w − θ‖², for each direction ⟨w, d⟩ and ⟨θ, d⟩, and the directions' inner products.
  var termCount: Int { axes == 1 ? 4 : 8 }

  func appendTerms(
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

  func projection(_ sums: [Double]) -> (x: Double, y: Double, distance: Double)? {
    if axes == 1 {
      return DirectionFrame(xx: sums[3]).projection(products: [sums[1] - sums[2]], square: sums[0])
    }
    return DirectionFrame(xx: sums[5], xy: sums[6], yy: sums[7]).projection(
      products: [sums[1] - sums[2], sums[3] - sums[4]], square: sums[0])
  }
}
