/// The chunk of a dataset whose rows have that shape: one row, cut at about 1 MiB along the leading
/// axes into equal parts; several rows where a row is smaller than 64 KiB.
///
/// - Parameter rows: the number of rows there will be, if known.
func chunkShape(of shape: [Int], rows: Int?) -> [Int] {
  // Without elements nothing is stored, and other extents may be beyond any chunk.
  if shape.contains(0) { return [1] + shape.map { _ in 1 } }
  let bytes = max(4, shape.reduce(4, *))
  if bytes < 65_536 {
    return [min(65_536 / bytes, max(1, rows ?? .max))] + shape.map { max(1, $0) }
  }
  var chunk = shape
  for axis in shape.indices {
    let inner = shape[(axis + 1)...].reduce(4, *)
    if inner * shape[axis] <= 1 << 20 { break }
    let fitting = max(1, (1 << 20) / inner)
    let parts = (shape[axis] + fitting - 1) / fitting
    chunk[axis] = (shape[axis] + parts - 1) / parts
    if inner <= 1 << 20 { break }
  }
  return [1] + chunk
}

/// The rectangles that make up a range of a row-major array's elements, in order.
func rectangles(of range: Range<Int>, in shape: [Int]) -> [(start: [Int], count: [Int])] {
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
