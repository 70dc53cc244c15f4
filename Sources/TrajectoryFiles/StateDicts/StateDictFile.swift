import Files
import Glibc

/// The tensors of a file from elsewhere that is not HDF5: safetensors, one file or sharded with an
/// index, or NumPy's npz. One snapshot.
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
  /// - Throws: `FileError`: `wrongData` that names the tensor that is wrong, `missingInput` for a
  ///   shard.
  init?(_ source: SpooledInput) throws {
    if source.name.hasSuffix(".index.json") {
      let index = try SafetensorsIndex(source)
      try self.init(name: source.name, index.tensors, metadata: index.metadata)
      return
    }
    // What cannot be opened is for the HDF5 library's opener to report.
    guard let descriptor = try? source.openDescriptor() else { return nil }
    let file = try PlainFile(descriptor, name: source.name)
    guard file.size > 0, let head = try? file.bytes(0..<min(9, file.size)) else { return nil }
    if head.starts(with: [0x50, 0x4b, 3, 4]) {
      try self.init(name: file.name, NpzArchive(file).tensors, metadata: [:])
      return
    }
    let isHDF5 = head.starts(with: [0x89, 0x48, 0x44, 0x46])
    guard !isHDF5, SafetensorsHeader.isLikely(head, name: file.name) else {
      return nil
    }
    let header = try SafetensorsHeader(file)
    try self.init(name: file.name, header.tensors, metadata: header.metadata)
  }

  private init(name: String, _ tensors: [PlainTensor], metadata: [String: String]) throws {
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
