import Files
import HDF5
import Posteriors
import TrajectoryFiles
import WeightSpace

/// The rows of a matrix [T, P] whose span is the subspace, and the point it is moved to.
enum SubspaceRows {
  /// Snapshots; their deviations from their mean are the rows.
  case snapshots(SnapshotSequence)
  /// The deviations of a gaussian as they are; its mean is the shift.
  case deviations(TensorFileReader, count: Int)
  /// Random directions at a snapshot of a trajectory.
  case random(RandomDirections, at: TrajectoryReader, snapshot: Int)

  /// Opens what the operands name: trajectories, or one gaussian.
  ///
  /// - Throws: `FileError`: what opening throws, and `wrongData` where a gaussian has no deviations.
  static func open(_ operands: [String], selection: SnapshotSelection) throws -> SubspaceRows {
    guard operands.count == 1 else {
      return .snapshots(try SnapshotSequence(operands, selection: selection))
    }
    let (path, inner) = try SnapshotSelection.parse(operands[0])
    let file = try HDF5File.open(operand: path)
    guard try file.kind(in: .weightspace) == "gaussian" else {
      let reader = try TrajectoryReader(file, selection: inner, of: selection)
      return .snapshots(try SnapshotSequence([reader]))
    }
    guard inner == SnapshotSelection(), selection == SnapshotSelection() else {
      throw FileError(
        .wrongData, file: file.name,
        "is a gaussian, whose deviations are all used; snapshots are selected when swag-fit makes it"
      )
    }
    let reader = try TensorFileReader(
      file, kind: "gaussian", groups: [("mean", false), ("deviations", true)])
    let count = try reader.rows(of: "deviations")
    guard count >= 2 else {
      throw FileError(
        .wrongData, file: file.name, object: "deviations",
        "has \(count) row(s), but a subspace with a scale needs two; fit it with a larger --rank")
    }
    return .deviations(reader, count: count)
  }

  /// T, the number of rows.
  var count: Int {
    switch self {
    case .snapshots(let sequence): sequence.count
    case .deviations(_, let count): count
    case .random(let directions, _, _): directions.count
    }
  }

  var layout: VectorLayout {
    switch self {
    case .snapshots(let sequence): sequence.layout
    case .deviations(let reader, _): reader.layout
    case .random(_, let reader, _): reader.layout
    }
  }

  var architecture: String? {
    switch self {
    case .snapshots(let sequence): sequence.architecture
    case .deviations(let reader, _): reader.architecture
    case .random(_, let reader, _): reader.architecture
    }
  }

  var histories: [[String]] {
    switch self {
    case .snapshots(let sequence): sequence.histories
    case .deviations(let reader, _): [reader.history]
    case .random(_, let reader, _): [reader.history]
    }
  }

  /// What messages call the rows' origin.
  var name: String {
    switch self {
    case .snapshots(let sequence): sequence.readers[0].name
    case .deviations(let reader, _): reader.name
    case .random(_, let reader, _): reader.name
    }
  }

  /// Whether the rows' mean is the shift and is to be subtracted.
  var isCentered: Bool { if case .snapshots = self { true } else { false } }

  /// Columns of a row. May be called from several threads.
  func readColumns(_ columns: Range<Int>, of row: Int, into target: inout MutableSpan<Float>) throws
  {
    switch self {
    case .snapshots(let sequence): try sequence.readColumns(columns, of: row, into: &target)
    case .deviations(let reader, _):
      try reader.readColumns(columns, of: "deviations", row: row, into: &target)
    case .random(let directions, _, _):
      directions.fill(&target, of: row, from: columns.lowerBound)
    }
  }

  /// Columns of the shift, where it is not the rows' mean.
  func readShift(_ columns: Range<Int>, into target: inout MutableSpan<Float>) throws {
    switch self {
    case .snapshots: preconditionFailure("the shift is the rows' mean")
    case .deviations(let reader, _): try reader.readColumns(columns, of: "mean", into: &target)
    case .random(_, let reader, let snapshot):
      try reader.readColumns(columns, of: snapshot, into: &target)
    }
  }

  /// The error for the first NaN or infinity among columns of rows and shift; nil where there is
  /// none.
  func firstNonFinite(in columns: Range<Int>) throws -> FileError? {
    switch self {
    case .snapshots(let sequence): return try sequence.firstNonFinite(in: columns)
    case .deviations(let reader, let count):
      for row in 0..<count {
        if let error = try reader.firstNonFinite(in: columns, of: "deviations", row: row) {
          return error
        }
      }
      return try reader.firstNonFinite(in: columns, of: "mean")
    case .random(_, let reader, _): return try reader.firstNonFinite(in: columns)
    }
  }

  /// How many columns to read at a time, a whole number of leaves.
  func blockWidth(memory: Int, threads: Int, bytesPerColumn: Int) -> Int {
    let width =
      switch self {
      case .snapshots(let sequence):
        sequence.blockWidth(memory: memory, threads: threads, bytesPerColumn: bytesPerColumn)
      default: min(max(memory / (threads * bytesPerColumn), 1024), 1 << 13)
      }
    return width / DeviationLeaf.width * DeviationLeaf.width
  }
}
