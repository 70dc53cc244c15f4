import Files
import WeightSpace

/// The layout of tensors from a file, whose roles follow from their names and shapes.
///
/// - Throws: `FileError` of kind `wrongData` for a name that is used twice, and for tensors that are too
///   large to be counted, alone or together.
func inferredLayout(
  of tensors: [(name: String, shape: [Int])], file: String
) throws -> VectorLayout {
  try checkDistinct(tensors.map(\.name), file: file)
  var total = 0
  for (name, shape) in tensors {
    // As bytes of Doubles, of which there may be one for each element.
    guard let bytes = Extents.product(shape, times: 8), let sum = Extents.sum([total, bytes]) else {
      throw FileError(.wrongData, file: file, object: name, "shape \(shape) is too large")
    }
    total = sum
  }
  let shapes = Dictionary(tensors.map { ($0.name.nameBytes, $0.shape) }) { first, _ in first }
  return VectorLayout(
    tensors.map { name, shape in
      let base = name.split(separator: ".").dropLast().joined(separator: ".")
      // A one-dimensional weight is BatchNorm's γ, and the bias beside it β.
      let scale = base.isEmpty ? "weight" : base + ".weight"
      let isNormalization = shapes[scale.nameBytes]?.count == 1
      let role: TensorRole =
        if name.hasSuffix("running_mean") {
          .runningMean
        } else if name.hasSuffix("running_var") {
          .runningVariance
        } else if name.hasSuffix("bias") {
          isNormalization ? .shift : .bias
        } else if shape.count >= 2 {
          .weight
        } else {
          name.hasSuffix("weight") ? .scale : .other
        }
      return (name, shape, role)
    })
}

/// - Throws: `FileError` of kind `wrongData` for a name that is there twice, byte by byte.
func checkDistinct(_ names: [String], file: String) throws {
  var seen: Set<[UInt8]> = []
  for name in names where !seen.insert(name.nameBytes).inserted {
    throw FileError(.wrongData, file: file, object: name, "two tensors have that name")
  }
}
