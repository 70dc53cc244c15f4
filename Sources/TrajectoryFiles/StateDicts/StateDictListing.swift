import Files

/// Every tensor of a file that is not HDF5: safetensors, one file or the index of several, NumPy's
/// archive, a checkpoint of PyTorch, or one array of NumPy.
public struct StateDictListing: Sendable {
  /// The format's name.
  public let format: String
  /// Weights, running statistics, and what is only carried along.
  public let tensors: [PlainTensor]
  /// JSON; nil where the file says nothing.
  public let architecture: String?
  /// Newest first; empty where there is none.
  public let history: [String]

  /// Nil for a file of none of these formats.
  ///
  /// - Parameter key: which dictionary of a checkpoint; nil for the one that there is, or for all
  ///   tensors in it where there are several.
  /// - Throws: `FileError`: what reading a head throws; `wrongData` for what is no number.
  public init?(_ source: SpooledInput, key: String? = nil) throws {
    if let file = try PlainTensorFile(source, key: key, isListing: true) {
      let contents = try StateDictFile(file, name: source.name, isStrict: false)
      format = file.format
      tensors =
        contents.weights.tensors + (contents.statistics?.tensors ?? []) + contents.carried
        + contents.left
      architecture = contents.architecture
      history = contents.history
      return
    }
    guard source.name.hasSuffix(".npy") else { return nil }
    let file = try PlainFile(source.openDescriptor(), name: source.name)
    guard let array = try PlainTensor(npy: file, name: "array", at: 0, size: file.size) else {
      throw FileError(.wrongData, file: source.name, "holds no numbers")
    }
    format = "npy"
    tensors = [array]
    architecture = nil
    history = []
  }
}
