import Posteriors
import ToolSupport
import TrajectoryFiles
import WeightSpace

/// A plane or a line in weight space, known by a few rows as long as a weight vector, of which
/// blocks of columns are at hand at a time.
protocol WeightPlane: Sendable {
  /// The weights that it goes through.
  var base: SnapshotSequence { get }
  /// 2, or 1 for a line.
  var axes: Int { get }
  /// How many rows it is known by.
  var rowCount: Int { get }
  /// Whether the first row is the origin, to which multiples of the others are added; otherwise
  /// points are mixtures of all rows.
  var hasOrigin: Bool { get }

  /// Fills a block of every row.
  ///
  /// - Throws: `FileError`, also of kind `wrongData` for a NaN or infinity.
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
  /// The file of the first weights, for messages.
  var name: String { base.name(of: 0) }
  var componentCount: Int { hasOrigin ? rowCount - 1 : rowCount }

  /// Writes shift and components of an affine trajectory. The shift of a mixture is −0, which added
  /// to a weight leaves its bits as they are.
  func copyRows(to file: TensorFileWriter, memory: Int, progress: ProgressBar) throws {
    let width = blockWidth(of: base, rows: rowCount + 1, memory: memory)
    try forEachColumnBlock(count: base.layout.count, width: width) {
      emptyRows(rowCount + 1)
    } _: { columns, rows in
      try load(columns, into: &rows)
      if !hasOrigin { rows[rowCount] = [Float](repeating: -0.0, count: columns.count) }
      let shift = rows[hasOrigin ? 0 : rowCount]
      try file.writeColumns(columns, of: "shift", from: shift.span)
      for j in 0..<componentCount {
        let component = rows[hasOrigin ? j + 1 : j]
        try file.writeColumns(columns, of: "components", row: j, from: component.span)
      }
      progress.advance(by: columns.count)
    }
  }
}

/// A thread's memory for so many rows; they get their length when a block is read.
func emptyRows(_ count: Int) -> [[Float]] { [[Float]](repeating: [], count: count) }

/// Gives a row the length of a block, if it has another.
func resize(_ row: inout [Float], _ count: Int) {
  if row.count != count { row = [Float](repeating: 0, count: count) }
}

/// How many columns to take at a time where each thread holds so many rows of them: whole leaves.
func blockWidth(of base: SnapshotSequence, rows: Int, memory: Int) -> Int {
  let width = base.blockWidth(
    memory: memory, threads: Parallelism.threadCount, bytesPerColumn: 4 * rows)
  return width / columnLeaf * columnLeaf
}
