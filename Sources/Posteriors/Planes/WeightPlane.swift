import WeightSpace

/// A plane or a line in weight space, known by a few rows as long as a weight vector, of which
/// blocks of columns are at hand at a time.
public protocol WeightPlane: Sendable {
  /// The weights that it goes through.
  var base: any WeightRows { get }
  /// 2, or 1 for a line.
  var axes: Int { get }
  /// How many rows it is known by.
  var rowCount: Int { get }
  /// Whether the first row is the origin, to which multiples of the others are added; otherwise
  /// points are mixtures of all rows.
  var hasOrigin: Bool { get }

  /// Fills a block of every row.
  ///
  /// - Throws: what reading throws, also for a NaN or infinity.
  func load(_ columns: Range<Int>, into rows: inout [[Float]]) throws

  /// The grid of `count` points along each axis.
  func grid(_ count: Int) -> PlaneGrid

  /// How much of each component a point has.
  func coordinates(x: Double, y: Double) -> [Double]

  /// How many sums over all columns a projection needs.
  var termCount: Int { get }
  /// Appends a leaf's terms of weights `w` whose block has the same columns as the rows.
  func appendTerms(
    of w: Span<Float>, leaf: Range<Int>, rows: [[Float]], to terms: inout [Double])
  /// The nearest point, by the sums; nil where there is no plane.
  func projection(_ sums: [Double]) -> (x: Double, y: Double, distance: Double)?
}

extension WeightPlane {
  /// Components of an affine trajectory in the plane.
  public var componentCount: Int { hasOrigin ? rowCount - 1 : rowCount }

  /// Makes shift and components of an affine trajectory. The shift of a mixture is −0, which added to
  /// a weight leaves its bits as they are. One pass over the rows.
  ///
  /// - Parameters:
  ///   - memory: bytes, of all threads.
  ///   - progress: is told how many columns are done.
  ///   - write: takes columns of a component, or for nil of the shift. Called from several threads.
  public func copyRows(
    memory: Int, progress: @Sendable (Int) -> Void = { _ in },
    write: @Sendable (_ component: Int?, Range<Int>, Span<Float>) throws -> Void
  ) throws {
    let count = rowCount
    try base.planeBlocks(memory: memory, rows: count + 1).forEachBlock {
      emptyRows(count + 1, width: $0)
    } _: { columns, rows in
      try load(columns, into: &rows)
      if !hasOrigin {
        var zero = rows[count].mutableSpan
        zero.update(repeating: -0.0)
      }
      let shift = rows[hasOrigin ? 0 : count]
      try write(nil, columns, shift.span)
      for j in 0..<componentCount {
        let component = rows[hasOrigin ? j + 1 : j]
        try write(j, columns, component.span)
      }
      progress(columns.count)
    }
  }

  /// The point nearest to a row of `weights`, and its distance; nil where there is no plane. One pass
  /// over the plane's rows.
  ///
  /// - Parameter weights: of the same layout.
  public func projection(
    of weights: any WeightRows, row: Int, memory: Int
  ) throws -> (x: Double, y: Double, distance: Double)? {
    let count = rowCount
    return projection(
      try base.planeBlocks(memory: memory, rows: count + 1).sums(terms: termCount) {
        emptyRows(count + 1, width: $0)
      } load: { columns, rows in
        try load(columns, into: &rows)
        try weights.readFinite(columns, of: row, into: &rows[count])
      } each: { leaf, rows, terms in
        let w = rows[count]
        appendTerms(of: w.span.extracting(leaf), leaf: leaf, rows: rows, to: &terms)
      })
  }
}

/// A thread's memory for so many rows of a block.
func emptyRows(_ count: Int, width: Int) -> [[Float]] {
  (0..<count).map { _ in [Float](repeating: 0, count: width) }
}

extension WeightRows {
  /// Blocks of whole leaves where each thread holds so many rows of them.
  func planeBlocks(memory: Int, rows: Int) -> ColumnBlocks {
    blocks(memory: memory, bytesPerColumn: 4 * rows, leaf: columnLeaf)
  }

  /// What blocks of so many rows hold, in bytes.
  public func planeBytes(memory: Int, rows: Int) -> Double {
    planeBlocks(memory: memory, rows: rows).memoryBytes(bytesPerColumn: 4 * rows)
  }

  /// Reads columns of a row.
  ///
  /// - Throws: what reading throws, also for a NaN or infinity.
  func readFinite(_ columns: Range<Int>, of row: Int, into block: inout [Float]) throws {
    var span = block.mutableSpan
    try readColumns(columns, of: row, into: &span)
    guard span.span.isFinite else { throw try nonFiniteError(in: columns, of: "a weight is") }
  }
}
