import Files
import HDF5
import WeightSpace

/// The datasets of one tensor group, one for each slot of a layout, each with a leading axis of
/// rows (snapshots) or, in a state dict, without.
struct TensorGroup {
  let layout: VectorLayout
  let datasets: [HDF5Dataset]
  /// Whether the first axis counts rows.
  let hasRows: Bool

  /// Creates the group with one dataset [rows, shape…] for each slot, its first axis unlimited.
  ///
  /// - Parameters:
  ///   - rows: the number of rows at first.
  ///   - expected: how many rows there will probably be, which bounds the rows in a chunk.
  ///   - allocate: reserve the space of all rows at once, in the slots' order, so that the file's
  ///     bytes do not depend on the order of writing.
  static func create(
    _ group: GroupName, layout: VectorLayout, in file: HDF5File, rows: Int, expected: Int?,
    allocate: Bool
  ) throws -> TensorGroup {
    try checkNames(layout, file)
    try file.createGroup(group.path)
    let datasets = try layout.slots.map { slot in
      try file.createDataset(
        group.path(of: slot.name), type: .float32, shape: [rows] + slot.shape,
        maxShape: [nil] + slot.shape.map { $0 }, chunk: chunkShape(of: slot.shape, rows: expected),
        allocateNow: allocate)
    }
    return TensorGroup(layout: layout, datasets: datasets, hasRows: true)
  }

  /// Creates the group with one dataset [shape…] for each slot, its space reserved.
  static func createWithoutRows(
    _ group: GroupName, layout: VectorLayout, in file: HDF5File
  ) throws -> TensorGroup {
    try checkNames(layout, file)
    try file.createGroup(group.path)
    let datasets = try layout.slots.map { slot in
      try file.createDataset(
        group.path(of: slot.name), type: .float32, shape: slot.shape, allocateNow: true)
    }
    return TensorGroup(layout: layout, datasets: datasets, hasRows: false)
  }

  /// Tensors from elsewhere may have names that the library takes for paths.
  private static func checkNames(_ layout: VectorLayout, _ file: HDF5File) throws {
    for slot in layout.slots where slot.shape.count > 31 {
      throw FileError(
        .wrongData, file: file.name, object: slot.name,
        "has \(slot.shape.count) axes; HDF5 keeps 31 besides that of the rows")
    }
    for slot in layout.slots
    where slot.name.isEmpty || slot.name == "." || slot.name.utf8.contains(UInt8(ascii: "/")) {
      throw FileError(
        .wrongData, file: file.name, object: slot.name.isEmpty ? "\"\"" : slot.name,
        "a name that HDF5 cannot keep; give it another, as with nn-convert's --add-prefix")
    }
  }

  /// The same datasets under other names.
  func renamed(_ name: (String) -> String) -> TensorGroup {
    TensorGroup(layout: layout.renamed(name), datasets: datasets, hasRows: hasRows)
  }

  /// The same datasets in the order of another layout of the same tensors, matched by name.
  ///
  /// - Parameters:
  ///   - other: what has that layout, for messages.
  ///   - file: the file's name, for messages.
  ///   - group: the group's path; "" where tensors are named by their paths.
  /// - Throws: `FileError` of kind `wrongData`, naming the first tensor that differs.
  func arranged(
    like layout: VectorLayout, named other: String, file: String, in group: String
  ) throws -> TensorGroup {
    if let (tensor, problem) = self.layout.firstDifference(from: layout, named: other) {
      throw FileError(
        .wrongData, file: file, object: group.isEmpty ? tensor : "\(group)/\(tensor)", problem)
    }
    var byName: [String: HDF5Dataset] = [:]
    for (slot, dataset) in zip(self.layout.slots, datasets) { byName[slot.name] = dataset }
    return TensorGroup(
      layout: layout, datasets: layout.slots.compactMap { byName[$0.name] }, hasRows: hasRows)
  }

  func extend(to rows: Int) throws {
    for (slot, dataset) in zip(layout.slots, datasets) {
      try dataset.extend(to: [rows] + slot.shape)
    }
  }

  /// Writes the columns of one row; all of them by default.
  func write(
    row: Int, columns: Range<Int>? = nil, from source: UnsafeBufferPointer<Float>
  ) throws {
    let columns = columns ?? 0..<layout.count
    try forEachBlock(of: columns) { dataset, start, count, range in
      let part = unsafe UnsafeBufferPointer(rebasing: source[range])
      try unsafe dataset.write(
        start: hasRows ? [row] + start : start, count: hasRows ? [1] + count : count, from: part)
    }
  }

  /// Reads the columns of one row; all of them by default.
  func read<T: HDF5Element>(
    row: Int, columns: Range<Int>? = nil, into target: UnsafeMutableBufferPointer<T>
  ) throws {
    let columns = columns ?? 0..<layout.count
    try forEachBlock(of: columns) { dataset, start, count, range in
      let part = unsafe UnsafeMutableBufferPointer(rebasing: target[range])
      try unsafe dataset.read(
        start: hasRows ? [row] + start : start, count: hasRows ? [1] + count : count, into: part)
    }
  }

  /// Cuts the columns into blocks of tensors; `range` is the block's place among the columns.
  private func forEachBlock(
    of columns: Range<Int>,
    _ body: (HDF5Dataset, _ start: [Int], _ count: [Int], _ range: Range<Int>) throws -> Void
  ) throws {
    for (slot, dataset) in zip(layout.slots, datasets) where slot.range.overlaps(columns) {
      let part = slot.range.clamped(to: columns)
      let elements =
        (part.lowerBound - slot.range.lowerBound)..<(part.upperBound - slot.range.lowerBound)
      var position = part.lowerBound - columns.lowerBound
      for block in rectangles(of: elements, in: slot.shape) {
        let length = block.count.reduce(1, *)
        try body(dataset, block.start, block.count, position..<(position + length))
        position += length
      }
    }
  }
}

/// The chunk of a dataset whose rows have that shape: one row, cut at about 1 MiB along the leading
/// axes into equal parts; several rows where a row is smaller than 64 KiB.
///
/// - Parameter rows: the number of rows there will be, if known.
func chunkShape(of shape: [Int], rows: Int?) -> [Int] {
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
