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
