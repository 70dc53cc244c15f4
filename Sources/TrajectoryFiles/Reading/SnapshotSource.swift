import Files
import HDF5
import WeightSpace

/// Where snapshots come from: rows of datasets, points of an affine subspace, or the tensors of a
/// plain file.
enum SnapshotSource {
  case rows(TensorGroup)
  case affine(AffineSource)
  case plain(PlainTensorGroup)

  var layout: VectorLayout {
    switch self {
    case .rows(let group): group.layout
    case .affine(let affine): affine.shift.layout
    case .plain(let tensors): tensors.layout
    }
  }

  /// Whether some numbers are stored as float64.
  var holdsDoubles: Bool {
    switch self {
    case .rows(let group): group.datasets.contains { $0.type == .float64 }
    case .affine: false
    case .plain(let tensors): tensors.tensors.contains { $0.type == .float64 }
    }
  }

  /// How the tensor of a slot is stored; float32 where it is made here.
  func storedType(slot: Int) -> NumberType {
    switch self {
    case .rows(let group): NumberType(group.datasets[slot].type) ?? .float32
    case .affine: .float32
    case .plain(let tensors): tensors.tensors[slot].type
    }
  }

  func rowCount(_ file: HDF5File) throws -> Int {
    switch self {
    case .rows(let group): try group.rows(file)
    case .affine(let affine): affine.count
    case .plain: 1
    }
  }

  func read(
    row: Int, columns: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
  ) throws {
    switch self {
    case .rows(let group): try unsafe group.read(row: row, columns: columns, into: target)
    case .affine(let affine): try unsafe affine.read(row: row, columns: columns, into: target)
    case .plain(let tensors): try unsafe tensors.read(columns: columns, into: target)
    }
  }

  /// As above, without rounding what is stored as float64.
  func read(
    row: Int, columns: Range<Int>, into target: UnsafeMutableBufferPointer<Double>
  ) throws {
    switch self {
    case .rows(let group): try unsafe group.read(row: row, columns: columns, into: target)
    case .affine(let affine):
      var values = [Float](repeating: 0, count: columns.count)
      try unsafe values.withUnsafeMutableBufferPointer {
        try unsafe affine.read(row: row, columns: columns, into: $0)
      }
      for i in values.indices { unsafe target[i] = Double(values[i]) }
    case .plain(let tensors): try unsafe tensors.read(columns: columns, into: target)
    }
  }

  /// The path of a tensor's dataset, for messages.
  func path(of tensor: String, in group: GroupName) -> String {
    switch self {
    case .rows(let tensors) where !tensors.hasRows: tensor
    case .plain: tensor
    case .affine where group == .weights: GroupName.shift.path(of: tensor)
    default: group.path(of: tensor)
    }
  }

  /// The same tensors in the order of another layout.
  ///
  /// - Parameters:
  ///   - file: the file's name, for messages.
  ///   - group: the group of tensors that have an axis of rows, such as `weights`.
  func arranged(
    like layout: VectorLayout, named other: String, file: String, in group: GroupName
  ) throws -> SnapshotSource {
    switch self {
    case .rows(let rows):
      let name = rows.hasRows ? group.path : ""
      return .rows(try rows.arranged(like: layout, named: other, file: file, in: name))
    case .affine(var affine):
      affine.shift = try affine.shift.arranged(
        like: layout, named: other, file: file, in: GroupName.shift.path)
      affine.components = try affine.components.arranged(
        like: layout, named: other, file: file, in: GroupName.components.path)
      return .affine(affine)
    case .plain(let tensors):
      return .plain(try tensors.arranged(like: layout, named: other, file: file))
    }
  }

  /// The same tensors under other names.
  func renamed(_ name: (String) -> String) -> SnapshotSource {
    switch self {
    case .rows(let group): return .rows(group.renamed(name))
    case .affine(var affine):
      affine.shift = affine.shift.renamed(name)
      affine.components = affine.components.renamed(name)
      return .affine(affine)
    case .plain(let tensors): return .plain(tensors.renamed(name))
    }
  }

  /// Where the rows lie in the file, if they lie there as they are in memory.
  func rawRows(_ rows: [Int]) throws -> RawSnapshots? {
    switch self {
    case .rows(let group): try RawTensorRows(group, rows: rows).map { .rows($0) }
    case .affine(let affine): try RawAffineRows(affine).map { .affine($0) }
    case .plain: nil
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
