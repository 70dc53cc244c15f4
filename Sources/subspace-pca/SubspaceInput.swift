import Files
import HDF5
import Posteriors
import TrajectoryFiles
import WeightSpace

/// What the operands name: the rows whose span is the subspace, and the point it goes through.
struct SubspaceInput {
  let rows: any WeightRows
  let shift: SubspacePCA.Shift
  /// What messages call it.
  let name: String
  let architecture: String?
  let histories: [[String]]

  /// What one pass over the rows reads, in bytes; none where they are made.
  var storedBytes: Double {
    switch rows {
    case let sequence as SnapshotSequence: sequence.storedBytes
    case is RandomRows: 0
    default: 4 * Double(rows.layout.count) * Double(rows.count)
    }
  }

  /// Snapshots; their deviations from their mean are the rows.
  private init(_ sequence: SnapshotSequence) {
    rows = sequence
    shift = .mean
    name = sequence.readers[0].name
    architecture = sequence.architecture
    histories = sequence.histories
  }

  /// Opens trajectories, or one gaussian, whose deviations as they are are the rows and whose mean is
  /// the shift.
  ///
  /// - Throws: `FileError`: what opening throws, and `wrongData` for what spans nothing.
  static func open(_ operands: [String], selection: SnapshotSelection) throws -> SubspaceInput {
    guard operands.count == 1 else {
      return try snapshots(SnapshotSequence(operands, selection: selection))
    }
    let (path, inner) = try SnapshotSelection.parse(operands[0])
    let place = try CheckpointOperand(path)
    let source = try SpooledInput(place.path)
    let stateDict = try TrajectoryReader(
      stateDict: source, key: place.key, selection: inner, of: selection)
    if let stateDict { return try snapshots(SnapshotSequence([stateDict])) }
    let file = try HDF5File.open(source)
    guard try file.kind(in: .weightspace) == FileKind.gaussian.rawValue else {
      let reader = try TrajectoryReader(file, selection: inner, of: selection)
      return try snapshots(SnapshotSequence([reader]))
    }
    guard inner == SnapshotSelection(), selection == SnapshotSelection() else {
      throw FileError(
        .wrongData, file: file.name,
        "is a gaussian, whose deviations are all used; snapshots are selected when swag-fit makes it"
      )
    }
    return try SubspaceInput(gaussian: file)
  }

  private static func snapshots(_ sequence: SnapshotSequence) throws -> SubspaceInput {
    guard sequence.count >= 2 else {
      throw FileError(
        .wrongData, file: sequence.readers[0].name,
        "one snapshot spans no subspace; two are needed at least")
    }
    return SubspaceInput(sequence)
  }

  private init(gaussian file: HDF5File) throws {
    let reader = try TensorFileReader(
      file, kind: .gaussian, groups: [(.mean, false), (.deviations, true)])
    let deviations = try TensorRows(reader, .deviations)
    guard deviations.count >= 2 else {
      throw FileError(
        .wrongData, file: file.name, object: GroupName.deviations.path,
        "has \(deviations.count) row(s), but a subspace with a scale needs two; fit it with a larger"
          + " --rank")
    }
    rows = deviations
    shift = .row(try TensorRows(reader, .mean), 0)
    name = reader.name
    architecture = reader.architecture
    histories = [reader.history]
  }

  /// Random directions at the last snapshot of a file.
  ///
  /// - Parameter rank: how many there are, if the weights are not fewer.
  init(randomAt operand: String, selection: SnapshotSelection, rank: Int, seed: UInt64) throws {
    let sequence = try SnapshotSequence([operand], selection: selection)
    let layout = sequence.layout
    let count = min(rank, layout.count)
    name = sequence.readers[0].name
    rows = RandomRows(RandomDirections(seed: seed, count: count), layout: layout)
    shift = .row(sequence, sequence.count - 1)
    architecture = sequence.architecture
    histories = sequence.histories
  }

  /// The axes, by the rows' inner products.
  ///
  /// - Parameters: as `SubspaceAxes`.
  /// - Throws: `FileError` of kind `wrongData` where the rows span no direction.
  func axes(_ gram: consuming SymmetricMatrix, rank: Int) throws -> SubspaceAxes {
    do {
      guard rows is RandomRows else {
        var isCentered = false
        if case .mean = shift { isCentered = true }
        return try SubspaceAxes(principal: gram, centered: isCentered, rank: rank)
      }
      return try SubspaceAxes(orthonormalizing: gram)
    } catch let problem as SubspaceAxes.Problem {
      throw FileError(.wrongData, file: name, words(for: problem))
    }
  }

  private func words(for problem: SubspaceAxes.Problem) -> String {
    switch problem {
    case .dependentRows:
      return "the random directions are linearly dependent; lower --rank or take another --seed"
    case .noDirections: return "all rows are equal; they span no subspace"
    }
  }
}
