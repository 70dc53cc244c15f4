import Files
import WeightSpace

/// Tensors of plain files, one for each slot of a layout; read by any thread.
struct PlainTensorGroup: Sendable {
  let layout: VectorLayout
  let tensors: [PlainTensor]

  /// - Throws: what `inferredLayout` throws.
  init(_ tensors: [PlainTensor], file: String) throws {
    self.tensors = tensors
    layout = try inferredLayout(of: tensors.map { ($0.name, $0.shape) }, file: file)
  }

  private init(layout: VectorLayout, tensors: [PlainTensor]) {
    self.layout = layout
    self.tensors = tensors
  }

  /// Reads some columns; float64 is rounded.
  func read(columns: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws {
    try layout.forEachSlot(in: columns) { slot, elements, place in
      try unsafe tensors[slot].read(
        elements, into: UnsafeMutableBufferPointer(rebasing: target[place]))
    }
  }

  /// Reads some columns. Exact.
  func read(columns: Range<Int>, into target: UnsafeMutableBufferPointer<Double>) throws {
    try layout.forEachSlot(in: columns) { slot, elements, place in
      try unsafe tensors[slot].read(
        elements, into: UnsafeMutableBufferPointer(rebasing: target[place]))
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
    let byName = Dictionary(tensors.map { ($0.name.nameBytes, $0) }) { first, _ in first }
    return PlainTensorGroup(
      layout: layout, tensors: layout.slots.compactMap { byName[$0.name.nameBytes] })
  }

  func renamed(_ name: (String) -> String) -> PlainTensorGroup {
    PlainTensorGroup(
      layout: layout.renamed(name), tensors: tensors.map { $0.renamed(name($0.name)) })
  }
}
