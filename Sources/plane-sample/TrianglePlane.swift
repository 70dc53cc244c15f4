import Files
import Posteriors
import TrajectoryFiles
import WeightSpace

/// The plane through three weights, which are its rows.
struct TrianglePlane: WeightPlane {
  let base: SnapshotSequence
  private let triangle: PlaneTriangle
  private let margin: Double

  let axes = 2
  let rowCount = 3
  let hasOrigin = false
  let termCount = 3

  /// One pass over the weights.
  ///
  /// - Parameter operands: three files, of each the last snapshot, or one with three snapshots.
  /// - Throws: `FileError`, also of kind `wrongData` where there are not three points, or all on one
  ///   line.
  init(_ operands: [String], margin: Double, memory: Int) throws {
    let base = try SnapshotSequence(
      operands, selection: operands.count == 1 ? .all : SnapshotSelection(last: 1))
    guard base.count == 3 else {
      throw FileError(
        .wrongData, file: base.name(of: 0),
        "has \(base.count) snapshot(s), but a plane goes through three; select them as in"
          + " run.h5[0:3], or name three files")
    }
    self.base = base
    self.margin = margin
    // ‖b − a‖², ‖c − a‖², ‖c − b‖² and the three squared norms.
    let sums = try sumColumnBlocks(
      count: base.layout.count, width: blockWidth(of: base, rows: 3, memory: memory), terms: 6
    ) {
      emptyRows(3)
    } load: { columns, rows in
      try Self.load(base, columns, into: &rows)
    } leaf: { leaf, rows, terms in
      let (a, b, c) = (rows[0], rows[1], rows[2])
      let (x, y, z) = (a.span.extracting(leaf), b.span.extracting(leaf), c.span.extracting(leaf))
      terms.append(x.squaredDistance(to: y))
      terms.append(x.squaredDistance(to: z))
      terms.append(y.squaredDistance(to: z))
      terms.append(x.dot(x))
      terms.append(y.dot(y))
      terms.append(z.dot(z))
    }
    for (k, (i, j)) in [(0, 1), (0, 2), (1, 2)].enumerated() where sums[k] == 0 {
      throw FileError(
        .wrongData, file: base.name(of: j),
        "has the same weights as \(base.name(of: i)); a plane needs three different ones")
    }
    guard
      let triangle = PlaneTriangle(
        ab: sums[0], ac: sums[1], bc: sums[2], norm: sums[3...].max()?.squareRoot() ?? 0)
    else {
      throw FileError(
        .wrongData, file: base.name(of: 1),
        "lies on the line through \(base.name(of: 0)) and \(base.name(of: 2)); three weights on one"
          + " line are in no single plane")
    }
    self.triangle = triangle
  }

  func load(_ columns: Range<Int>, into rows: inout [[Float]]) throws {
    try Self.load(base, columns, into: &rows)
  }

  private static func load(
    _ base: SnapshotSequence, _ columns: Range<Int>, into rows: inout [[Float]]
  ) throws {
    for k in 0..<3 {
      resize(&rows[k], columns.count)
      var span = rows[k].mutableSpan
      try base.readColumns(columns, of: k, into: &span)
      guard span.span.isFinite else { throw try base.nonFiniteError(in: columns) }
    }
  }

  /// Both axes go from −margin to 1 + margin of the triangle's width and height.
  func grid(_ count: Int) -> PlaneGrid {
    PlaneGrid(
      columns: count, rows: count,
      x: (-margin * triangle.width)...((1 + margin) * triangle.width),
      y: (-margin * triangle.height)...((1 + margin) * triangle.height))
  }

  func coordinates(x: Double, y: Double) -> [Double] { triangle.shares(x: x, y: y) }

  func appendTerms(
    of w: Span<Float>, leaf: Range<Int>, rows: [[Float]], to terms: inout [Double]
  ) {
    for k in 0..<3 {
      let row = rows[k]
      terms.append(w.squaredDistance(to: row.span.extracting(leaf)))
    }
  }

  func projection(_ sums: [Double]) -> (x: Double, y: Double, distance: Double)? {
    triangle.projection(squaredDistances: sums)
  }
}
