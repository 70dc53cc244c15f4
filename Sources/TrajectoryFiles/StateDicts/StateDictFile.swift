import Files
import Glibc

/// The tensors of a file from elsewhere that is not HDF5: safetensors, one file or sharded with an
/// index, NumPy's npz, or a checkpoint of PyTorch. One snapshot.
///
/// Tensors of floating point are weights, running statistics or of an optimiser, by `ForeignRole`; what is
/// of another type, and counters, are only carried along.
struct StateDictFile {
  /// The file's name for messages.
  let name: String
  let weights: PlainTensorGroup
  /// Nil where the file has none.
  let statistics: PlainTensorGroup?
  let carried: [PlainTensor]
  /// Of optimisers, and no part of the state dict.
  let left: [PlainTensor]
  /// What a file of ours says of its network, as JSON, and of its origin.
  let architecture: String?
  let history: [String]

  /// Opens an input if its contents, or its name, say that it is of one of these formats; nil where
  /// they do not.
  ///
  /// - Parameter key: which dictionary of a checkpoint of PyTorch; nil for the one that there is.
  /// - Parameter isStrict: as `ForeignRole.roles`.
  /// - Throws: what `PlainTensorFile` throws, and `FileError` of kind `wrongData` for a file without
  ///   weights.
  init?(_ source: SpooledInput, key: String? = nil, isStrict: Bool = true) throws {
    guard let file = try PlainTensorFile(source, key: key) else { return nil }
    file.remarks.forEach(Remarks.add)
    try self.init(file, name: source.name, isStrict: isStrict)
    ForeignRole.remark([ForeignRole](repeating: .optimizer, count: left.count), file: name)
  }

  /// - Throws: `FileError` of kind `wrongData` for a file without weights.
  init(_ file: PlainTensorFile, name: String, isStrict: Bool = true) throws {
    let (tensors, metadata) = (file.tensors, file.metadata)
    var groups: (weights: [PlainTensor], statistics: [PlainTensor], carried: [PlainTensor])
    groups = ([], [], [])
    var left: [PlainTensor] = []
    let floats = tensors.filter { $0.type.isFloatingPoint }
    var roles = try ForeignRole.roles(
      of: floats.map { ($0.name, $0.shape) }, file: name, isStrict: isStrict
    ).makeIterator()
    for tensor in tensors {
      let role = tensor.type.isFloatingPoint ? roles.next() : .counter
      switch role {
      case .statistic: groups.statistics.append(tensor)
      case .optimizer: left.append(tensor)
      case .weight: groups.weights.append(tensor)
      case .counter, nil: groups.carried.append(tensor)
      }
    }
    self.left = left
    guard !groups.weights.isEmpty else {
      throw FileError(
        .wrongData, file: name, "holds no weights: no tensor in it is of floating point")
    }
    self.name = name
    weights = try PlainTensorGroup(groups.weights, file: name)
    statistics =
      groups.statistics.isEmpty ? nil : try PlainTensorGroup(groups.statistics, file: name)
    carried = groups.carried
    architecture = metadata["architecture"].flatMap(JSONScanner.object(in:))
    history = metadata["history"].map { $0.split(separator: "\n").map(String.init) } ?? []
  }
}
