import Files
import HDF5
import WeightSpace

/// The selected snapshots of a file: a trajectory, plain or affine, or a state dict from elsewhere.
///
/// A file whose attribute `format` is not ours is taken for a state dict: each floating-point dataset in
/// it is a tensor of one snapshot. So are a safetensors file, or the index of several, NumPy's npz and
/// PyTorch's checkpoints; which of these a file is, its contents say, but an index has a name that ends
/// in `.index.json`. A trajectory that is still growing shows the snapshots that were
/// whole when it was opened.
public final class TrajectoryReader: @unchecked Sendable {
  // Sendable: what can change changes in `arrange` and `rename` only, before the reader is shared,
  // and `readColumns` calls the library under its lock.

  /// The file's name for messages.
  public let name: String
  /// The parameters, in the order of the file's tensor group until `arrange` changes it.
  public private(set) var layout: VectorLayout
  /// The running statistics; nil where the file has none.
  public private(set) var bufferLayout: VectorLayout?
  /// JSON; nil where it is unknown.
  public let architecture: String?
  /// Newest first; empty where there is none.
  public let history: [String]
  /// The curve whose control points the snapshots are, such as "bezier"; nil where there is none.
  public let curve: String?
  /// The selected snapshots' places in the file, ascending.
  public let indices: [Int]
  /// The numbers of the selected snapshots, such as "epoch".
  public let columns: [(name: String, values: [Double])]

  /// T, the number of selected snapshots; at least 1.
  public var snapshotCount: Int { indices.count }

  private(set) var source: SnapshotSource
  private(set) var buffers: SnapshotSource?
  private(set) var rawSource: RawSnapshots?
  /// What is in the file besides weights and statistics, such as tensors of integers.
  public private(set) var carried: [CarriedTensor]

  /// Opens what an operand names.
  ///
  /// - Parameters:
  ///   - operand: a path, "-" for standard input, or either with a selection such as `run.h5[5:]` or a
  ///     key such as `ckpt.pt:state_dict`; or a folder of Hugging Face.
  ///   - selection: which of those the operand selects.
  /// - Throws: `FileError`: what `HDF5File.open(operand:)` throws, and `wrongData` for a file of
  ///   another kind, without weights, or without a snapshot that is selected.
  public convenience init(_ operand: String, selection: SnapshotSelection = .all) throws {
    let (path, inner) = try SnapshotSelection.parse(operand)
    let place = try CheckpointOperand(path)
    let source = try SpooledInput(place.path)
    let isStrict = selection.tensors.statistics.isEmpty
    if let file = try StateDictFile(source, key: place.key, isStrict: isStrict) {
      try self.init(file) { inner.indices(count: $0, then: selection) }
      try apply(selection.tensors)
    } else {
      try self.init(HDF5File.open(source), selection: inner, of: selection)
    }
  }

  /// As `init(_:selection:)`, for an input that is at hand; nil where it is no state dict of another
  /// format than HDF5.
  ///
  /// - Parameters:
  ///   - key: which dictionary of a checkpoint of PyTorch; nil for the one that there is.
  ///   - inner: which snapshots of the file.
  ///   - selection: which of those that `inner` selects.
  public convenience init?(
    stateDict source: SpooledInput, key: String?, selection inner: SnapshotSelection,
    of selection: SnapshotSelection
  ) throws {
    let isStrict = selection.tensors.statistics.isEmpty
    guard let file = try StateDictFile(source, key: key, isStrict: isStrict) else { return nil }
    try self.init(file) { inner.indices(count: $0, then: selection) }
    try apply(selection.tensors)
  }

  /// As `init(_:selection:)`, for a file that is open.
  ///
  /// - Parameters:
  ///   - inner: which snapshots of the file.
  ///   - selection: which of those that `inner` selects.
  public convenience init(
    _ file: HDF5File, selection inner: SnapshotSelection = .all,
    of selection: SnapshotSelection = .all
  ) throws {
    try self.init(file, isStrict: selection.tensors.statistics.isEmpty) {
      inner.indices(count: $0, then: selection)
    }
    try apply(selection.tensors)
  }

  private init(_ file: StateDictFile, select: (Int) -> [Int]) throws {
    name = file.name
    source = .plain(file.weights)
    layout = file.weights.layout
    buffers = file.statistics.map { .plain($0) }
    bufferLayout = file.statistics?.layout
    carried = file.carried.map { CarriedTensor($0) }
    architecture = file.architecture
    history = file.history
    curve = nil
    indices = try Self.chosen(select, of: 1, in: name)
    columns = []
  }

  init(_ file: HDF5File, isStrict: Bool = true, select: (Int) -> [Int]) throws {
    name = file.name
    let contents = try TrajectoryContents(file, isStrict: isStrict)
    layout = contents.source.layout
    bufferLayout = contents.buffers?.layout
    source = contents.source
    buffers = contents.buffers.map { .rows($0) }
    carried = contents.carried
    architecture = try file.stringAttribute("architecture").flatMap(JSONScanner.object(in:))
    history = try LaterCommands.history(of: file)
    curve = try file.kind(in: .weightspace) == nil ? nil : file.stringAttribute("curve")
    let indices = try Self.chosen(select, of: contents.count, in: name)
    self.indices = indices
    columns = try contents.columns.map { column in
      let values = try column.dataset.read(Double.self, start: [0], count: [contents.count])
      return (column.name, indices.map { values[$0] })
    }
    rawSource = try contents.source.rawRows(indices)
  }

  private static func chosen(
    _ select: (Int) -> [Int], of count: Int, in name: String
  ) throws -> [Int] {
    let indices = select(count)
    guard !indices.isEmpty else {
      throw FileError(
        .wrongData, file: name,
        count == 0 ? "has no snapshot yet" : "no snapshot is selected; it has \(count)")
    }
    return indices
  }

  /// Makes the vectors read from now on have these layouts, whatever the order in the file: tensors
  /// are matched by name.
  ///
  /// - Parameters:
  ///   - weights: the layout to read weights in.
  ///   - buffers: the layout to read running statistics in; nil leaves them as they are in the file.
  ///   - other: what has these layouts, for messages, such as "run1.h5" or "preresnet20".
  /// - Throws: `FileError` of kind `wrongData` for the first tensor that is missing, extra or of
  ///   another shape. A file without running statistics is no error.
  public func arrange(
    like weights: VectorLayout, buffers statistics: VectorLayout? = nil, named other: String
  ) throws {
    if weights != layout {
      source = try source.arranged(like: weights, named: other, file: name, in: .weights)
      layout = weights
      rawSource = try source.rawRows(indices)
    }
    if let statistics, let group = buffers, group.layout != statistics {
      buffers = try group.arranged(
        like: statistics, named: other, file: name, in: .buffers)
      bufferLayout = statistics
    }
  }

  /// Other tensors of the same snapshots in the place of these.
  func replace(
    _ weights: SnapshotSource, statistics: SnapshotSource?, carried: [CarriedTensor]
  ) throws {
    source = weights
    layout = weights.layout
    buffers = statistics
    bufferLayout = statistics?.layout
    self.carried = carried
    rawSource = try weights.rawRows(indices)
  }

  /// Gives every tensor, the running statistics and what is carried along too, another name.
  ///
  /// - Throws: `FileError` of kind `wrongData` where two tensors would get the same name.
  public func rename(_ name: (String) -> String) throws {
    var seen: [[UInt8]: String] = [:]
    let slots = layout.slots + (bufferLayout?.slots ?? [])
    for old in slots.map(\.name) + carried.map(\.name) {
      if let other = seen.updateValue(old, forKey: name(old).nameBytes) {
        throw FileError(
          .wrongData, file: self.name, object: old,
          "would be called \(name(old)), and so would \(other)")
      }
    }
    source = source.renamed(name)
    layout = source.layout
    buffers = buffers?.renamed(name)
    bufferLayout = buffers?.layout
    carried = carried.map { $0.renamed(name($0.name)) }
  }

  /// Reads the weights of selected snapshot `i`, by all threads where the file stores plain float32.
  ///
  /// - Throws: `FileError`: `wrongData` for a NaN or infinity, naming the tensor; what reading throws.
  public func readWeights(_ i: Int, into vector: inout WeightVector) throws {
    precondition(vector.count == layout.count, "an element for each of the layout's")
    let row = indices[i]
    try unsafe vector.withUnsafeMutableBufferPointer { target in
      guard let rawSource else {
        return try unsafe source.read(row: row, columns: 0..<layout.count, into: target)
      }
      nonisolated(unsafe) let target = unsafe target
      // Sendable: the blocks are disjoint.
      try ColumnBlocks(count: layout.count, width: 1 << 18).forEachBlock { columns in
        try unsafe rawSource.read(
          row: row, columns: columns, into: UnsafeMutableBufferPointer(rebasing: target[columns]))
      }
    }
    try check(vector, layout, .weights, i)
  }

  /// Reads the running statistics of selected snapshot `i`. The file must have some.
  ///
  /// - Throws: as `readWeights`.
  public func readBuffers(_ i: Int, into vector: inout WeightVector) throws {
    guard let buffers else {
      throw FileError(
        .wrongData, file: name, object: GroupName.buffers.path, "missing; run bn-update first")
    }
    precondition(vector.count == buffers.layout.count, "an element for each of the layout's")
    try unsafe vector.withUnsafeMutableBufferPointer {
      try unsafe buffers.read(row: indices[i], columns: 0..<buffers.layout.count, into: $0)
    }
    try check(vector, buffers.layout, .buffers, i)
  }

  /// Reads a range of the elements of selected snapshot `i`. May be called from several threads;
  /// they read at the same time where the file stores plain float32, or is no HDF5 file. Values are
  /// not checked; what is stored as float64 is rounded.
  public func readColumns(
    _ columns: Range<Int>, of i: Int, into target: inout MutableSpan<Float>
  ) throws {
    precondition(target.count == columns.count, "an element for each column")
    try unsafe target.withUnsafeMutableBufferPointer { target in
      if let rawSource {
        try unsafe rawSource.read(row: indices[i], columns: columns, into: target)
      } else if case .plain(let tensors) = source {
        try unsafe tensors.read(columns: columns, into: target)
      } else {
        try HDF5Library.withLock {
          try unsafe source.read(row: indices[i], columns: columns, into: target)
        }
      }
    }
  }

  /// Finds the first NaN or infinity among columns of the selected snapshots, if there is one.
  public func firstNonFinite(in columns: Range<Int>) throws -> FileError? {
    var values = [Float](repeating: 0, count: columns.count)
    for i in indices.indices {
      var span = values.mutableSpan
      try readColumns(columns, of: i, into: &span)
      if let position = values.firstIndex(where: { !$0.isFinite }) {
        return nonFinite(values[position], columns.lowerBound + position, layout, .weights, i)
      }
    }
    return nil
  }

  private func check(
    _ vector: borrowing WeightVector, _ layout: VectorLayout, _ group: GroupName, _ i: Int
  ) throws {
    let isFinite = vector.withSpan { $0.isFinite }
    if isFinite { return }
    for position in 0..<vector.count where !vector[position].isFinite {
      throw nonFinite(vector[position], position, layout, group, i)
    }
  }

  private func nonFinite(
    _ value: Float, _ position: Int, _ layout: VectorLayout, _ group: GroupName, _ i: Int
  ) -> FileError {
    let slot = layout.slot(containing: position)
    let kind =
      isTooLarge(position, group, i) ? "too large for float32" : value.isNaN ? "NaN" : "an infinity"
    return FileError(
      .wrongData, file: name, object: source.path(of: slot.name, in: group),
      "\(kind) in snapshot \(indices[i]), element \(position - slot.range.lowerBound)")
  }

  /// Whether an element that reads as an infinity is stored as a finite float64.
  private func isTooLarge(_ position: Int, _ group: GroupName, _ i: Int) -> Bool {
    guard let source = group == .weights ? source : buffers, source.holdsDoubles else {
      return false
    }
    var value = [Double.nan]
    unsafe value.withUnsafeMutableBufferPointer { value in
      _ = try? HDF5Library.withLock {
        try unsafe source.read(row: indices[i], columns: position..<(position + 1), into: value)
      }
    }
    return value[0].isFinite
  }
}
