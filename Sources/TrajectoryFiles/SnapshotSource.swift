import HDF5
import WeightSpace

/// Where snapshots come from: rows of datasets, or points of an affine subspace.
enum SnapshotSource {
  case rows(TensorGroup)
  case affine(AffineSource)

  var layout: VectorLayout {
    switch self {
    case .rows(let group): group.layout
    case .affine(let affine): affine.shift.layout
    }
  }

  func rowCount(_ file: HDF5File) throws -> Int {
    switch self {
    case .rows(let group): try group.rows(file)
    case .affine(let affine): affine.count
    }
  }

  func read(
    row: Int, columns: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
  ) throws {
    switch self {
    case .rows(let group): try unsafe group.read(row: row, columns: columns, into: target)
    case .affine(let affine): try unsafe affine.read(row: row, columns: columns, into: target)
    }
  }

  /// The path of a tensor's dataset, for messages.
  func path(of tensor: String, in group: String) -> String {
    switch self {
    case .rows(let tensors) where !tensors.hasRows: tensor
    case .affine where group == "weights": "shift/\(tensor)"
    default: "\(group)/\(tensor)"
    }
  }

  /// The same tensors in the order of another layout.
  func arranged(
    like layout: VectorLayout, named other: String, _ file: HDF5File
  ) throws -> SnapshotSource {
    switch self {
    case .rows(let group):
      let name = group.hasRows ? "weights" : ""
      return .rows(try group.arranged(like: layout, named: other, file, in: name))
    case .affine(var affine):
      affine.shift = try affine.shift.arranged(like: layout, named: other, file, in: "shift")
      affine.components = try affine.components.arranged(
        like: layout, named: other, file, in: "components")
      return .affine(affine)
    }
  }

  /// Where the rows lie in the file, if they lie there as they are in memory.
  func rawRows(_ rows: [Int]) throws -> RawSnapshots? {
    switch self {
    case .rows(let group): try RawTensorRows(group, rows: rows).map { .rows($0) }
    case .affine(let affine): try RawAffineRows(affine).map { .affine($0) }
    }
  }
}

/// Snapshots that any thread can read past the library.
enum RawSnapshots: Sendable {
  case rows(RawTensorRows)
  case affine(RawAffineRows)

  func read(
    row: Int, columns: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
  ) throws {
    switch self {
    case .rows(let rows): try unsafe rows.read(row: row, columns: columns, into: target)
    case .affine(let affine): try unsafe affine.read(row: row, columns: columns, into: target)
    }
  }
}
