// Reading everything, a block at a time.
extension HDF5Dataset {
  /// Calls `body` with all numbers in row-major order, at most 2²⁰ of them at a time.
  ///
  /// - Parameter rows: only so many along the first axis.
  public func forEachBlock<T: HDF5Element>(rows: Int? = nil, _ body: ([T]) throws -> Void) throws {
    guard let extent = shape.first else { return try body(read(T.self)) }
    let part = [min(rows ?? extent, extent)] + shape.dropFirst()
    guard part.allSatisfy({ $0 > 0 }) else { return }
    for block in rectangles(of: part, most: 1 << 20) {
      try body(read(T.self, start: block.start, count: block.count))
    }
  }
}

/// Rectangles of at most `most` elements that make up a row-major array, in its order.
func rectangles(of shape: [Int], most: Int) -> [(start: [Int], count: [Int])] {
  // The first axis of which one index is small enough is cut; those before it are walked.
  var axis = 0
  while axis < shape.count - 1, shape[(axis + 1)...].reduce(1, *) > most { axis += 1 }
  let inner = shape[(axis + 1)...].reduce(1, *)
  let step = max(1, most / inner)
  let outer = shape[..<axis].reduce(1, *)
  var blocks: [(start: [Int], count: [Int])] = []
  for k in 0..<outer {
    let lead = indices(of: k, in: Array(shape[..<axis]))
    for start in stride(from: 0, to: shape[axis], by: step) {
      blocks.append(
        (
          lead + [start] + shape[(axis + 1)...].map { _ in 0 },
          lead.map { _ in 1 } + [min(step, shape[axis] - start)] + shape[(axis + 1)...]
        ))
    }
  }
  return blocks
}

/// The index along each axis of an element that is counted row-major.
public func indices(of element: Int, in shape: [Int]) -> [Int] {
  var rest = element
  var indices: [Int] = []
  for extent in shape.reversed() {
    indices.append(rest % max(1, extent))
    rest /= max(1, extent)
  }
  return indices.reversed()
}
