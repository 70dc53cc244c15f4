import WeightSpace

/// Random directions as rows of a matrix, made where they are read.
public struct RandomRows: WeightRows {
  private let directions: RandomDirections
  public let layout: VectorLayout

  public init(_ directions: RandomDirections, layout: VectorLayout) {
    self.directions = directions
    self.layout = layout
  }

  public var count: Int { directions.count }
  public var widestBlock: Int { 1 << 13 }

  public func readColumns(
    _ columns: Range<Int>, of row: Int, into target: inout MutableSpan<Float>
  ) {
    directions.fill(&target, of: row, from: columns.lowerBound)
  }

  /// Variates are finite, and so is every combination of unit length.
  public func nonFiniteError(in columns: Range<Int>, of result: String) -> any Error {
    preconditionFailure("random directions are finite")
  }
}
