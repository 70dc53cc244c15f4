import Files

/// The tensors of a file that is not HDF5, whichever of these formats it has: safetensors, one file or
/// the index of several, NumPy's npz, or a checkpoint of PyTorch.
struct PlainTensorFile {
  /// The format's name.
  let format: String
  let tensors: [PlainTensor]
  /// Texts by name.
  let metadata: [String: String]
  /// What to tell the user of what was taken.
  var remarks: [String] = []

  /// Nil where neither contents nor name say that the file is of one of these formats.
  ///
  /// - Parameters:
  ///   - key: which dictionary of a checkpoint; nil for the one that there is.
  ///   - isListing: whether all tensors of a checkpoint are wanted where there is no choice.
  /// - Throws: `FileError`: `wrongData` that names the tensor that is wrong, `missingInput` for a
  ///   shard.
  init?(_ source: SpooledInput, key: String?, isListing: Bool = false) throws {
    func refuseKey() throws {
      guard let key else { return }
      throw FileError(
        .wrongData, file: source.name, object: key,
        "is a key, which only checkpoints of PyTorch have")
    }
    if source.name.hasSuffix(".index.json") {
      try refuseKey()
      let index = try SafetensorsIndex(source)
      self.init(format: "safetensors", index.tensors, index.metadata)
      return
    }
    // What cannot be opened is for the HDF5 library's opener to report.
    guard let descriptor = try? source.openDescriptor() else { return nil }
    let file = try PlainFile(descriptor, name: source.name)
    guard file.size > 0,
      let head = try? file.bytes(0..<min(TorchArchive.headLength, file.size))
    else { return nil }
    if let archive = try Self.torch(file, head) {
      try self.init(archive, key: key, isListing: isListing)
      return
    }
    let isNpz = head.starts(with: Self.zipHead)
    guard isNpz || !head.starts(with: [0x89, 0x48, 0x44, 0x46]) else {
      try refuseKey()
      return nil
    }
    if isNpz {
      try refuseKey()
      self.init(format: "npz", try NpzArchive(file).tensors, [:])
      return
    }
    guard SafetensorsHeader.isLikely(Array(head.prefix(9)), name: file.name) else {
      if head.count > 1, head[0] == 0x80, (2...5).contains(head[1]) {
        throw file.problem("is a Python pickle, but none of torch.save")
      }
      try refuseKey()
      return nil
    }
    try refuseKey()
    let header = try SafetensorsHeader(file)
    self.init(format: "safetensors", header.tensors, header.metadata)
  }

  private static let zipHead: [UInt8] = [0x50, 0x4b, 3, 4]

  private static func torch(_ file: PlainFile, _ head: [UInt8]) throws -> TorchArchive? {
    if head.starts(with: zipHead) { return try TorchArchive(ZipDirectory(file).members, of: file) }
    return TorchArchive.isLegacy(head) ? try TorchArchive(legacy: file) : nil
  }

  private init(_ archive: TorchArchive, key: String?, isListing: Bool) throws {
    do {
      let found = try CheckpointTensors(archive, key: key)
      self.init(format: "pt", found.tensors, [:])
      remarks = found.remarks
    } catch let error as FileError {
      guard isListing, key == nil, let all = try? CheckpointTensors(all: archive),
        !all.tensors.isEmpty
      else { throw error }
      self.init(format: "pt", all.tensors, [:])
    }
  }

  private init(format: String, _ tensors: [PlainTensor], _ metadata: [String: String]) {
    self.format = format
    self.tensors = tensors
    self.metadata = metadata
  }
}
