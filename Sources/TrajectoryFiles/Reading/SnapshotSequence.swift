import Files
import WeightSpace

/// The selected snapshots of several files, one after the other: the same tensors in all of them.
public final class SnapshotSequence: WeightRows {
  public let readers: [TrajectoryReader]
  /// The parameters, in the order of the first file.
  public let layout: VectorLayout
  /// T, over all files.
  public let count: Int
  /// For each snapshot, its file and its place among that file's selected ones.
  private let places: [(reader: Int, index: Int)]

  /// - Parameter selection: applied to each file.
  /// - Throws: `FileError`: what opening throws, and `wrongData` for the first tensor by which a file
  ///   differs from the first one.
  public convenience init(_ operands: [String], selection: SnapshotSelection = .all) throws {
    try self.init(operands.map { try TrajectoryReader($0, selection: selection) })
  }

  /// The selected snapshots of files that are open, at least one. Names may have the prefix of a wrapped
  /// network in some and not in others.
  ///
  /// - Throws: `FileError` of kind `wrongData` for the first tensor by which a file differs from the
  ///   first one.
  public init(_ readers: [TrajectoryReader]) throws {
    precondition(!readers.isEmpty, "at least one file")
    let layout = readers[0].layout
    for reader in readers.dropFirst() {
      try reader.matchWrapper(of: layout)
      try reader.arrange(like: layout, named: readers[0].name)
    }
    self.readers = readers
    self.layout = layout
    places = readers.indices.flatMap { reader in
      (0..<readers[reader].snapshotCount).map { (reader, $0) }
    }
    count = places.count
  }

  /// JSON of the first file that has one; nil where it is unknown.
  public var architecture: String? { readers.lazy.compactMap(\.architecture).first }

  /// Each file's history.
  public var histories: [[String]] { readers.map(\.history) }

  /// Whether some weights are stored as float64, which reading into Floats rounds.
  public var holdsDoubles: Bool { readers.contains(where: \.holdsDoubles) }

  /// A number of snapshot `t`, such as "epoch"; nil where its file has none.
  public func number(_ column: String, of t: Int) -> Double? {
    let place = places[t]
    return readers[place.reader].columns.first { $0.name == column }?.values[place.index]
  }

  /// Reads a range of the elements of snapshot `t`. May be called from several threads.
  public func readColumns(
    _ columns: Range<Int>, of t: Int, into target: inout MutableSpan<Float>
  ) throws {
    let place = places[t]
    try readers[place.reader].readColumns(columns, of: place.index, into: &target)
  }

  /// As reading into Floats, but what is stored as float64 is not rounded.
  public func readColumns(
    _ columns: Range<Int>, of t: Int, into target: inout MutableSpan<Double>
  ) throws {
    let place = places[t]
    try readers[place.reader].readColumns(columns, of: place.index, into: &target)
  }

  /// The error for the first NaN or infinity among columns; nil where there is none.
  public func firstNonFinite(in columns: Range<Int>) throws -> FileError? {
    for reader in readers {
      if let error = try reader.firstNonFinite(in: columns) { return error }
    }
    return nil
  }
}

extension TrajectoryReader {
  /// The error for a NaN or infinity that was read from among these columns.
  public func nonFiniteError(in columns: Range<Int>) throws -> FileError {
    try firstNonFinite(in: columns)
      ?? FileError(.inputOutput, file: name, "has changed while it was read")
  }

  /// Whether rows are read straight from their places in the file.
  var isRaw: Bool {
    if case .plain = source { return true }
    return rawSource != nil
  }
}

extension SnapshotSequence {
  /// The name of the file that snapshot `t` is in, for messages.
  public func name(of t: Int) -> String { readers[places[t].reader].name }

  /// What a second-level cache holds, or what pays where the library has to read.
  public var widestBlock: Int { readers.allSatisfy(\.isRaw) ? 1 << 15 : 1 << 20 }

  /// The error for a NaN or infinity that was read from among these columns.
  public func nonFiniteError(in columns: Range<Int>) throws -> FileError {
    try firstNonFinite(in: columns)
      ?? FileError(.inputOutput, file: readers[0].name, "has changed while it was read")
  }

  public func nonFiniteError(in columns: Range<Int>, of result: String) throws -> any Error {
    try firstNonFinite(in: columns)
      ?? FileError(
        .wrongData, file: readers[0].name,
        object: GroupName.weights.path(of: layout.slot(containing: columns.lowerBound).name),
        "\(result) too large for float32 here or soon after")
  }
}
