import WeightSpace

/// The plane through three weights, which are its rows.
public struct TrianglePlane: WeightPlane {
  /// Why three weights are in no single plane.
  public enum Problem: Error, Equatable {
    /// Two are the same.
    case equal(Int, Int)
    /// All are on one line.
    case collinear
  }

  public let base: any WeightRows
  private let triangle: PlaneTriangle
  private let margin: Double

  public let axes = 2
  public let rowCount = 3
  public let hasOrigin = false
  public let termCount = 3

  /// One pass over the weights.
  ///
  /// - Parameters:
  ///   - weights: three rows.
  ///   - margin: how far the grid goes beyond them, as a share of their extent.
  ///   - memory: bytes, of all threads.
  /// - Throws: `Problem`, and what reading throws, also for a NaN or infinity.
  public init(through weights: any WeightRows, margin: Double, memory: Int) throws {
    precondition(weights.count == 3, "a plane goes through three weights")
    base = weights
    self.margin = margin
    // ‖b − a‖², ‖c − a‖², ‖c − b‖² and the three squared norms.
    let sums = try weights.planeBlocks(memory: memory, rows: 3).sums(terms: 6) {
      emptyRows(3, width: $0)
    } load: { columns, rows in
      for k in 0..<3 { try weights.readFinite(columns, of: k, into: &rows[k]) }
    } each: { leaf, rows, terms in
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
      throw Problem.equal(i, j)
    }
    guard
      let triangle = PlaneTriangle(
        ab: sums[0], ac: sums[1], bc: sums[2], norm: sums[3...].max()?.squareRoot() ?? 0)
    else { throw Problem.collinear }
    self.triangle = triangle
  }

  public func load(_ columns: Range<Int>, into rows: inout [[Float]]) throws {
    for k in 0..<3 { try base.readFinite(columns, of: k, into: &rows[k]) }
  }

  /// Both axes go from −margin to 1 + margin of the triangle's width and height.
  public func grid(_ count: Int) -> PlaneGrid {
    PlaneGrid(
      columns: count, rows: count,
      x: (-margin * triangle.width)...((1 + margin) * triangle.width),
      y: (-margin * triangle.height)...((1 + margin) * triangle.height))
  }

  public func coordinates(x: Double, y: Double) -> [Double] { triangle.shares(x: x, y: y) }

  public func appendTerms(
    of w: Span<Float>, leaf: Range<Int>, rows: [[Float]], to terms: inout [Double]
  ) {
    for k in 0..<3 {
      let row = rows[k]
      terms.append(w.squaredDistance(to: row.span.extracting(leaf)))
    }
  }

  public func projection(_ sums: [Double]) -> (x: Double, y: Double, distance: Double)? {
    triangle.projection(squaredDistances: sums)
  }
}
