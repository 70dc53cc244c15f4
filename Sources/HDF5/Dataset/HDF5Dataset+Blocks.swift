// Reading everything, a block at a time.
extension HDF5Dataset {
  /// Calls `body` with all numbers in row-major order, at most 2²⁰ of them at a time.
  ///
  /// - Parameter rows: only so many along the first axis.
  public func forEachBlock<T: HDF5Element>(rows: Int? = nil, _ body: ([T]) throws -> Void) throws {
    guard let extent = shape.first else { return try body(read(T.self)) }
    let part = [min(rows ?? extent, extent)] + shape.dropFirst()
    let count = part.reduce(1, *)
    for start in stride(from: 0, to: count, by: 1 << 20) {
      for block in rectangles(of: start..<min(start + (1 << 20), count), in: part) {
        try body(read(T.self, start: block.start, count: block.count))
      }
    }
  }
}

/// The rectangles that make up a range of a row-major array's elements, in order.
public func rectangles(of range: Range<Int>, in shape: [Int]) -> [(start: [Int], count: [Int])] {
  guard !range.isEmpty else { return [] }
  if shape.isEmpty { return [([], [])] }
  if shape.count == 1 { return [([range.lowerBound], [range.count])] }
  let inner = shape[1...].reduce(1, *)
  let rest = Array(shape[1...])
  var result: [(start: [Int], count: [Int])] = []
  var position = range.lowerBound
  while position < range.upperBound {
    let index = position / inner
    let within = position - index * inner
    let whole = (range.upperBound - position) / inner
    if within == 0 && whole > 0 {
      result.append(([index] + rest.map { _ in 0 }, [whole] + rest))
      position += whole * inner
    } else {
      let end = min(inner, within + range.upperBound - position)
      for part in rectangles(of: within..<end, in: rest) {
        result.append(([index] + part.start, [1] + part.count))
      }
      position += end - within
    }
  }
  return result
}
