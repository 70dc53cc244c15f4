import Files
import HDF5
import WeightSpace

/// A file of several tensor groups over one layout, such as a gaussian, a subspace or a curve, read
/// by blocks of columns.
public final class TensorFileReader: @unchecked Sendable {
  // Sendable: what can change changes in `arrange` only, before the reader is shared, and
  // `readColumns` calls the library under its lock.

  /// The file's name for messages.
  public let name: String
  public let file: HDF5File
  /// The tensors of every group, in the order of the first one until `arrange` changes it.
  public private(set) var layout: VectorLayout
  /// JSON; nil where it is unknown.
  public let architecture: String?
  /// Newest first; empty where there is none.
  public let history: [String]
  private let names: [GroupName]
  private var groups: [GroupName: TensorGroup] = [:]
  private var raw: [GroupName: RawTensorRows] = [:]

  /// - Parameters:
  ///   - operand: a path, or "-" for standard input.
  ///   - kind: what the file must hold.
  ///   - groups: the groups it must have, each with whether its first axis counts rows.
  /// - Throws: `FileError`: what `HDF5File.open(operand:)` throws, and `wrongData` for a file of
  ///   another kind or with a group that is missing or does not fit the first one.
  public convenience init(
    _ operand: String, kind: FileKind, groups: [(name: GroupName, hasRows: Bool)]
  ) throws {
    try self.init(HDF5File.open(operand: operand), kind: kind, groups: groups)
  }

  /// As `init(_:kind:groups:)`, for a file that is open.
  public init(
    _ file: HDF5File, kind: FileKind, groups: [(name: GroupName, hasRows: Bool)]
  ) throws {
    precondition(!groups.isEmpty, "at least one group")
    self.file = file
    name = file.name
    names = groups.map(\.name)
    let found = try file.kind(in: .weightspace)
    guard found == kind.rawValue else {
      throw FileError(
        .wrongData, file: file.name,
        "holds \(found ?? "weights from elsewhere"), but a \(kind.rawValue) is expected here")
    }
    architecture = try file.stringAttribute("architecture").flatMap(JSONScanner.object(in:))
    history = try file.stringsAttribute("history") ?? []
    var layout: VectorLayout?
    for (group, hasRows) in groups {
      guard file.exists(group.path) else {
        throw FileError(.wrongData, file: file.name, object: group.path, "missing")
      }
      var tensors = try tensorGroup(group, in: file, hasRows: hasRows)
      if let layout {
        tensors = try tensors.arranged(
          like: layout, named: groups[0].name.path, file: name, in: group.path)
      }
      guard tensors.layout.count > 0 else {
        throw FileError(.wrongData, file: file.name, object: group.path, "is empty")
      }
      layout = tensors.layout
      try tensors.checkStored()
      let rows = try tensors.rowCount()
      self.groups[group] = tensors
      if rows > 0 { raw[group] = try RawTensorRows(tensors, rows: Array(0..<rows)) }
    }
    self.layout = layout ?? VectorLayout([])
  }

  /// The number of rows of a group; 1 where it has no axis of rows.
  public func rows(of group: GroupName) throws -> Int { try tensors(group).rowCount() }

  /// Makes the vectors read from now on have that layout, whatever the order in the file: tensors
  /// are matched by name.
  ///
  /// - Parameter other: what has that layout, for messages.
  /// - Throws: `FileError` of kind `wrongData` for the first tensor that is missing, extra or of
  ///   another shape.
  public func arrange(like layout: VectorLayout, named other: String) throws {
    for group in names {
      let tensors = tensors(group)
      if tensors.layout == layout { continue }
      let arranged = try tensors.arranged(like: layout, named: other, file: name, in: group.path)
      groups[group] = arranged
      let rows = try arranged.rowCount()
      if rows > 0 { raw[group] = try RawTensorRows(arranged, rows: Array(0..<rows)) }
    }
    self.layout = layout
  }

  /// Reads a range of the elements of one row of a group; row 0 where it has no axis of rows. May be
  /// called from several threads; they read at the same time where the file stores plain float32.
  /// Values are not checked.
  public func readColumns(
    _ columns: Range<Int>, of group: GroupName, row: Int = 0, into target: inout MutableSpan<Float>
  ) throws {
    precondition(target.count == columns.count, "an element for each column")
    let tensors = tensors(group)
    try unsafe target.withUnsafeMutableBufferPointer { target in
      if let raw = raw[group] {
        try unsafe raw.read(row: row, columns: columns, into: target)
      } else {
        try HDF5Library.withLock {
          try unsafe tensors.read(row: row, columns: columns, into: target)
        }
      }
    }
  }

  /// Reads one whole row of a group.
  ///
  /// - Throws: also `FileError` of kind `wrongData` for a NaN or an infinity.
  public func read(_ group: GroupName, row: Int = 0, into vector: inout WeightVector) throws {
    let count = vector.count
    try vector.withMutableSpan { try readColumns(0..<count, of: group, row: row, into: &$0) }
    if let error = try firstNonFinite(in: 0..<count, of: group, row: row) { throw error }
  }

  /// The error for the first NaN or infinity among columns of a row; nil where there is none.
  public func firstNonFinite(
    in columns: Range<Int>, of group: GroupName, row: Int = 0
  ) throws -> FileError? {
    var values = [Float](repeating: 0, count: columns.count)
    var span = values.mutableSpan
    try readColumns(columns, of: group, row: row, into: &span)
    guard let position = values.firstIndex(where: { !$0.isFinite }) else { return nil }
    let slot = layout.slot(containing: columns.lowerBound + position)
    let element = columns.lowerBound + position - slot.range.lowerBound
    return FileError(
      .wrongData, file: name, object: group.path(of: slot.name),
      "\(values[position].isNaN ? "NaN" : "an infinity") in row \(row), element \(element)")
  }

  /// The numbers of a dataset, row-major, and its shape.
  ///
  /// - Throws: `FileError` of kind `wrongData` where there is none, or no numbers are in it.
  public func numbers(_ name: DatasetName) throws -> (values: [Double], shape: [Int]) {
    let dataset = try file.storedDataset(name.path)
    guard dataset.type != nil else { throw dataset.problem("holds no numbers") }
    return (try dataset.read(Double.self), dataset.shape)
  }

  private func tensors(_ group: GroupName) -> TensorGroup {
    guard let tensors = groups[group] else {
      preconditionFailure("group \(group) was not asked for")
    }
    return tensors
  }
}

extension TensorGroup {
  /// The number of rows, the same in every dataset; 1 without an axis of rows.
  func rowCount() throws -> Int {
    guard hasRows, let first = datasets.first else { return 1 }
    for dataset in datasets where dataset.shape[0] != first.shape[0] {
      throw dataset.problem(
        "has \(dataset.shape[0]) rows, but \(first.path) has \(first.shape[0])")
    }
    return first.shape[0]
  }
}
