import Files
import HDF5
import WeightSpace

// How the numbers of a file are stored, and what their tensors are called.
extension TrajectoryReader {
  /// Whether some weights are stored as float64, which reading into Floats rounds.
  public var holdsDoubles: Bool { source.holdsDoubles }

  /// How the tensor of each slot of `layout` is stored.
  public var storedTypes: [NumberType] { layout.slots.indices.map(source.storedType) }

  /// How the tensor of each slot of `bufferLayout` is stored; none without.
  public var storedBufferTypes: [NumberType] {
    buffers.map { buffers in buffers.layout.slots.indices.map(buffers.storedType) } ?? []
  }

  /// As reading columns into Floats, but what is stored as float64 is not rounded.
  public func readColumns(
    _ columns: Range<Int>, of i: Int, into target: inout MutableSpan<Double>
  ) throws {
    precondition(target.count == columns.count, "an element for each column")
    try unsafe target.withUnsafeMutableBufferPointer { target in
      if case .plain(let tensors) = source {
        try unsafe tensors.read(columns: columns, into: target)
      } else {
        try HDF5Library.withLock {
          try unsafe source.read(row: indices[i], columns: columns, into: target)
        }
      }
    }
  }

  /// Reads the running statistics of selected snapshot `i`, of which the file must have some,
  /// without rounding what is stored as float64.
  ///
  /// - Throws: `FileError`: `wrongData` for a NaN or infinity, naming the tensor.
  public func readBuffers(_ i: Int) throws -> [Double] {
    guard let buffers else {
      throw FileError(
        .wrongData, file: name, object: GroupName.buffers.path, "missing; run bn-update first")
    }
    var values = [Double](repeating: 0, count: buffers.layout.count)
    try unsafe values.withUnsafeMutableBufferPointer { values in
      try HDF5Library.withLock {
        try unsafe buffers.read(row: indices[i], columns: 0..<values.count, into: values)
      }
    }
    if let position = values.firstIndex(where: { !$0.isFinite }) {
      let slot = buffers.layout.slot(containing: position)
      throw FileError(
        .wrongData, file: name, object: buffers.path(of: slot.name, in: .buffers),
        "\(values[position].isNaN ? "NaN" : "an infinity") in snapshot \(indices[i]), element"
          + " \(position - slot.range.lowerBound)")
    }
    return values
  }
}
