import Files

/// A checkpoint cut into several safetensors files, by its index: JSON whose `weight_map` says for
/// each tensor which file beside the index holds it.
struct SafetensorsIndex {
  /// File by file in the order of their names, and in each in the order of the file.
  let tensors: [PlainTensor]
  /// That of the first file.
  let metadata: [String: String]

  /// - Throws: `FileError`: `wrongData` where index and files do not fit together, `missingInput` for
  ///   a file that is not there.
  init(_ source: SpooledInput) throws {
    let index = try PlainFile(source.openDescriptor(), name: source.name)
    let files = try Self.files(index)
    var byFile: [[UInt8]: Set<[UInt8]>] = [:]
    for (tensor, file) in files { byFile[file.nameBytes, default: []].insert(tensor) }
    let folder = index.name.lastIndex(of: "/").map { index.name[...$0] } ?? ""
    var tensors: [PlainTensor] = []
    var metadata: [String: String]?
    for (key, expected) in byFile.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      let name = String(decoding: key, as: UTF8.self)
      let file: PlainFile
      do {
        file = try PlainFile(folder + name)
      } catch let error as FileError {
        throw FileError(
          error.kind, file: index.name, object: Self.first(expected),
          "should be in \(name): \(error.problem)")
      }
      let header = try SafetensorsHeader(file)
      let found = Set(header.tensors.map(\.name.nameBytes))
      if let missing = Self.first(expected.subtracting(found)) {
        throw index.problem("should be in \(name), but is not", object: missing)
      }
      if let extra = Self.first(found.subtracting(expected)) {
        throw FileError(
          .wrongData, file: folder + name, object: extra, "not in the weight_map of \(index.name)")
      }
      tensors += header.tensors
      metadata = metadata ?? header.metadata
    }
    self.tensors = tensors
    self.metadata = metadata ?? [:]
  }

  /// The first of names, which are given by their bytes.
  private static func first(_ names: Set<[UInt8]>) -> String? {
    names.min { $0.lexicographicallyPrecedes($1) }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The file of each tensor, by the bytes of its name.
  private static func files(_ index: PlainFile) throws -> [[UInt8]: String] {
    guard index.size <= SafetensorsHeader.greatestLength else {
      throw index.problem("has \(index.size) bytes, too many for an index")
    }
    var files: [[UInt8]: String]?
    var scanner = JSONScanner(try index.bytes(0..<index.size))
    do {
      try scanner.object { key, scanner in
        guard key == "weight_map" else { return try scanner.skipValue() }
        guard files == nil else { throw index.problem("weight_map stands there twice") }
        var map: [[UInt8]: String] = [:]
        try scanner.object { tensor, scanner in
          let file = try scanner.string()
          guard isOneLine(tensor) else { throw index.problem("a name holds a control character") }
          guard map.updateValue(file, forKey: tensor.nameBytes) == nil else {
            throw index.problem("the name is used twice", object: tensor)
          }
          guard !file.isEmpty, file != ".", file != "..", !file.utf8.contains(UInt8(ascii: "/")),
            isOneLine(file)
          else {
            throw index.problem("\(jsonString(file)) is no file beside the index", object: tensor)
          }
        }
        files = map
      }
      try scanner.end()
    } catch let failure as JSONScanner.Failure {
      throw index.problem("\(failure.problem), at byte \(failure.position)")
    }
    guard let files else { throw index.problem("has no weight_map") }
    guard !files.isEmpty else { throw index.problem("weight_map: is empty") }
    return files
  }
}
