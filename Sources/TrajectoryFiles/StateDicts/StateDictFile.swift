import Files
import Glibc

/// The tensors of a file from elsewhere that is not HDF5: safetensors, one file or sharded with an
/// index, NumPy's npz, or a checkpoint of PyTorch. One snapshot.
///
/// Tensors of floating point are weights, but those whose names end in `running_mean` or
/// `running_var` are running statistics; integers and truth values, and what ends in
/// `num_batches_tracked`, are only carried along.
struct StateDictFile {
  /// The file's name for messages.
  let name: String
  let weights: PlainTensorGroup
  /// Nil where the file has none.
  let statistics: PlainTensorGroup?
  let carried: [PlainTensor]
  /// What a file of ours says of its network, as JSON, and of its origin.
  let architecture: String?
  let history: [String]

  /// Opens an input if its contents, or its name, say that it is of one of these formats; nil where
  /// they do not.
  ///
  /// - Parameter key: which dictionary of a checkpoint of PyTorch; nil for the one that there is.
  /// - Throws: what `PlainTensorFile` throws, and `FileError` of kind `wrongData` for a file without
  ///   weights.
  init?(_ source: SpooledInput, key: String? = nil) throws {
    guard let file = try PlainTensorFile(source, key: key) else { return nil }
    file.remarks.forEach(Remarks.add)
    try self.init(file, name: source.name)
  }

  /// - Throws: `FileError` of kind `wrongData` for a file without weights.
  init(_ file: PlainTensorFile, name: String) throws {
    let (tensors, metadata) = (file.tensors, file.metadata)
    var groups: (weights: [PlainTensor], statistics: [PlainTensor], carried: [PlainTensor])
    groups = ([], [], [])
    for tensor in tensors {
      if !tensor.type.isFloatingPoint || isCounter(tensor.name) {
        groups.carried.append(tensor)
      } else if isStatistic(tensor.name) {
        groups.statistics.append(tensor)
      } else {
        groups.weights.append(tensor)
      }
    }
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

/// Whether a tensor of that name is a running statistic of BatchNorm.
func isStatistic(_ name: String) -> Bool {
  name.hasSuffix("running_mean") || name.hasSuffix("running_var")
}

/// Whether a tensor of that name counts batches, and is neither a weight nor a statistic.
func isCounter(_ name: String) -> Bool { name.hasSuffix("num_batches_tracked") }
