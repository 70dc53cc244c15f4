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

  /// Datasets of which as many may be open at once: each takes tens of kilobytes.
  static let greatestOpenCount = 1024

  /// To be called after a dataset was used.
  func restIfLarge(_ dataset: HDF5Dataset) {
    if datasets.count > Self.greatestOpenCount { dataset.rest() }
  }

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
    try checkNames(layout.slots.map { ($0.name, $0.shape) }, file)
    try file.createGroup(group.path)
    let mayStay = layout.slots.count <= Self.greatestOpenCount
    let datasets = try layout.slots.map { slot in
      let dataset = try file.createDataset(
        group.path(of: slot.name), type: .float32, shape: [rows] + slot.shape,
        maxShape: [nil] + slot.shape.map { $0 }, chunk: chunkShape(of: slot.shape, rows: expected),
        allocateNow: allocate)
      if !mayStay { dataset.rest() }
      return dataset
    }
    return TensorGroup(layout: layout, datasets: datasets, hasRows: true)
  }

  /// Creates the group with one dataset [shape…] for each slot, its space reserved.
  static func createWithoutRows(
    _ group: GroupName, layout: VectorLayout, in file: HDF5File
  ) throws -> TensorGroup {
    try checkNames(layout.slots.map { ($0.name, $0.shape) }, file)
    try file.createGroup(group.path)
    let mayStay = layout.slots.count <= Self.greatestOpenCount
    let datasets = try layout.slots.map { slot in
      let dataset = try file.createDataset(
        group.path(of: slot.name), type: .float32, shape: slot.shape, allocateNow: true)
      if !mayStay { dataset.rest() }
      return dataset
    }
    return TensorGroup(layout: layout, datasets: datasets, hasRows: false)
  }

  /// Tensors from elsewhere may have names that the library takes for paths.
  static func checkNames(_ tensors: [(name: String, shape: [Int])], _ file: HDF5File) throws {
    for (name, shape) in tensors where shape.count > 31 {
      throw FileError(
        .wrongData, file: file.name, object: name,
        "has \(shape.count) axes; HDF5 keeps 31 besides that of the rows")
    }
    for (name, _) in tensors
    where name.isEmpty || name == "." || name.utf8.contains(UInt8(ascii: "/")) {
      throw FileError(
        .wrongData, file: file.name, object: name.isEmpty ? "\"\"" : name,
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
    var byName: [[UInt8]: HDF5Dataset] = [:]
    for (slot, dataset) in zip(self.layout.slots, datasets) {
      byName[slot.name.nameBytes] = dataset
    }
    return TensorGroup(
      layout: layout, datasets: layout.slots.compactMap { byName[$0.name.nameBytes] },
      hasRows: hasRows)
  }

  /// Makes room for so many rows; those that are there stay.
  func extend(to rows: Int) throws {
    for dataset in datasets {
      try dataset.extendRows(to: rows)
      restIfLarge(dataset)
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
      restIfLarge(dataset)
    }
  }
}
