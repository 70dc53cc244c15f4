import Files
import HDF5
import WeightSpace

/// A tensor whose numbers lie one after the other in a file, row-major and little-endian.
public struct PlainTensor: Sendable {
  public let name: String
  public let shape: [Int]
  public let type: NumberType
  let file: PlainFile
  /// Where the first number is.
  let address: Int

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }
  /// The bytes that they take.
  public var byteCount: Int { count * type.size }

  func renamed(_ name: String) -> PlainTensor {
    PlainTensor(name: name, shape: shape, type: type, file: file, address: address)
  }

  /// Calls `body` with the bytes of some elements, in parts that fit into a first-level cache;
  /// `place` is the part's place among these elements. The bytes are aligned for their type.
  func forEachPart(
    of elements: Range<Int>,
    _ body: (_ bytes: UnsafeRawBufferPointer, _ place: Range<Int>) throws -> Void
  ) throws {
    let length = 4096
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(length, elements.count) * type.size, alignment: 64)
    defer { unsafe memory.deallocate() }
    for start in stride(from: 0, to: elements.count, by: length) {
      let place = start..<min(start + length, elements.count)
      let bytes = unsafe UnsafeMutableRawBufferPointer(
        rebasing: memory[..<(place.count * type.size)])
      try unsafe file.read(
        at: address + (elements.lowerBound + start) * type.size, into: bytes, object: name)
      try unsafe body(UnsafeRawBufferPointer(bytes), place)
    }
  }
}

/// Tensors of plain files, one for each slot of a layout; read by any thread.
struct PlainTensorGroup: Sendable {
  let layout: VectorLayout
  let tensors: [PlainTensor]

  init(_ tensors: [PlainTensor]) {
    self.tensors = tensors
    layout = inferredLayout(of: tensors.map { ($0.name, $0.shape) })
  }

  private init(layout: VectorLayout, tensors: [PlainTensor]) {
    self.layout = layout
    self.tensors = tensors
  }

  /// Reads some columns; float64 is rounded.
  func read(columns: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws {
    try layout.forEachSlot(in: columns) { slot, elements, place in
      let tensor = tensors[slot]
      let part = unsafe UnsafeMutableBufferPointer(rebasing: target[place])
      if tensor.type == .float32 {
        try unsafe tensor.file.read(
          at: tensor.address + 4 * elements.lowerBound, into: UnsafeMutableRawBufferPointer(part),
          object: tensor.name)
        return
      }
      try unsafe tensor.forEachPart(of: elements) { bytes, place in
        unsafe widen(bytes, tensor.type, into: UnsafeMutableBufferPointer(rebasing: part[place]))
      }
    }
  }

  /// Reads some columns. Exact.
  func read(columns: Range<Int>, into target: UnsafeMutableBufferPointer<Double>) throws {
    try layout.forEachSlot(in: columns) { slot, elements, place in
      let tensor = tensors[slot]
      let part = unsafe UnsafeMutableBufferPointer(rebasing: target[place])
      try unsafe tensor.forEachPart(of: elements) { bytes, place in
        unsafe widen(bytes, tensor.type, into: UnsafeMutableBufferPointer(rebasing: part[place]))
      }
    }
  }

  /// The same tensors in the order of another layout, matched by name.
  ///
  /// - Throws: `FileError` of kind `wrongData` for the first tensor that differs.
  func arranged(
    like layout: VectorLayout, named other: String, file: String
  ) throws -> PlainTensorGroup {
    if let (tensor, problem) = self.layout.firstDifference(from: layout, named: other) {
      throw FileError(.wrongData, file: file, object: tensor, problem)
    }
    let byName = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
    return PlainTensorGroup(layout: layout, tensors: layout.slots.compactMap { byName[$0.name] })
  }

  func renamed(_ name: (String) -> String) -> PlainTensorGroup {
    PlainTensorGroup(
      layout: layout.renamed(name), tensors: tensors.map { $0.renamed(name($0.name)) })
  }
}
