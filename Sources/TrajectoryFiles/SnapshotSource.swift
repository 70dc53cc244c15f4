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
  func path(of tensor: String, in group: String) -> String {
    switch self {
    case .rows(let tensors) where !tensors.hasRows: tensor
    case .plain: tensor
    case .affine where group == "weights": "shift/\(tensor)"
    default: "\(group)/\(tensor)"
    }
  }

  /// The same tensors in the order of another layout.
  ///
  /// - Parameters:
  ///   - file: the file's name, for messages.
  ///   - group: the group of tensors that have an axis of rows, such as "weights".
  func arranged(
    like layout: VectorLayout, named other: String, file: String, in group: String
  ) throws -> SnapshotSource {
    switch self {
    case .rows(let rows):
      let name = rows.hasRows ? group : ""
      return .rows(try rows.arranged(like: layout, named: other, file: file, in: name))
    case .affine(var affine):
      affine.shift = try affine.shift.arranged(
        like: layout, named: other, file: file, in: "shift")
      affine.components = try affine.components.arranged(
        like: layout, named: other, file: file, in: "components")
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
  func rawRows(_ rows: [Int]) throws -> RawTensorRows? {
    guard case .rows(let group) = self else { return nil }
    return try RawTensorRows(group, rows: rows)
  }
}

/// Snapshot i = shift + Σⱼ coordinates[i, j] componentsⱼ.
struct AffineSource {
  var shift: TensorGroup
  var components: TensorGroup
  /// [T, k], row-major.
  let coordinates: [Double]
  let count: Int
  let rank: Int

  init(_ file: HDF5File) throws {
    shift = try tensorGroup("shift", in: file, hasRows: false)
    components = try tensorGroup("components", in: file)
    let dataset = try file.dataset("coordinates")
    guard dataset.shape.count == 2 else { throw dataset.problem("should be [T, k]") }
    count = dataset.shape[0]
    rank = dataset.shape[1]
    coordinates = try dataset.read()
    try components.checkRows(atLeast: rank)
    components = try components.arranged(
      like: shift.layout, named: "shift", file: file.name, in: "components")
  }

  /// Adds up in Double; reads k + 1 rows. Cost: O(k · columns).
  func read(
    row: Int, columns: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
  ) throws {
    // A bounded part at a time, so that the Doubles do not need twice the memory of the target.
    let width = 1 << 18
    for start in stride(from: columns.lowerBound, to: columns.upperBound, by: width) {
      let part = start..<min(start + width, columns.upperBound)
      let offset = part.lowerBound - columns.lowerBound
      let place = unsafe UnsafeMutableBufferPointer(
        rebasing: target[offset..<(offset + part.count)])
      try unsafe shift.read(row: 0, columns: part, into: place)
      var sums = unsafe place.map { Double($0) }
      for j in 0..<rank {
        try unsafe components.read(row: j, columns: part, into: place)
        let factor = coordinates[row * rank + j]
        for i in sums.indices { unsafe sums[i] += factor * Double(place[i]) }
      }
      for i in sums.indices { unsafe place[i] = Float(sums[i]) }
    }
  }
}
