import Files

/// An operand that names a state dict: a file, a file with a key such as `ckpt.pt:state_dict`, or a
/// folder of Hugging Face.
///
/// What exists under the whole operand is meant by it.
public struct CheckpointOperand: Sendable, Equatable {
  /// The file to open; "-" for standard input.
  public let path: String
  /// Which dictionary in it; nil where none is named.
  public let key: String?

  /// - Throws: `FileError` of kind `wrongData` for a folder without weights.
  public init(_ operand: String) throws {
    if operand == "-" || PlainFile.exists(operand) {
      key = nil
      guard operand != "-", PlainFile.isFolder(operand) else {
        path = operand
        return
      }
      let folder = operand.hasSuffix("/") ? operand : operand + "/"
      guard let name = WeightFolder.files.first(where: { PlainFile.exists(folder + $0) }) else {
        throw FileError(
          .wrongData, file: operand,
          "is a directory without \(WeightFolder.files.joined(separator: ", "))")
      }
      path = folder + name
      return
    }
    // The first colon behind which there is a file before: keys may hold colons, and so may names.
    for colon in operand.indices where operand[colon] == ":" {
      let file = String(operand[..<colon])
      let key = String(operand[operand.index(after: colon)...])
      guard file == "-" || PlainFile.exists(file), !key.isEmpty else { continue }
      (self.path, self.key) = (file, key)
      return
    }
    (path, key) = (operand, nil)
  }
}
