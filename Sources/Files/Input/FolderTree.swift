import Glibc

/// The files below a folder, symbolic links followed.
public enum FolderTree {
  /// What a folder holds itself, by the byte order of the names.
  public struct Contents {
    public var folders: [String] = []
    public var files: [String] = []
  }

  /// Folders within folders; more are a mistake.
  private static let greatestDepth = 64

  /// Whether a path leads to a folder.
  public static func isFolder(_ path: String) -> Bool { isFolder(path, UInt8(DT_UNKNOWN)) }

  /// - Throws: `FileError`: `missingInput` for a folder that cannot be read, `wrongData` for a name that
  ///   is not UTF-8.
  public static func contents(of folder: String) throws -> Contents {
    guard let stream = unsafe opendir(folder) else {
      throw FileError(.missingInput, file: folder, systemClause(errno))
    }
    defer { unsafe closedir(stream) }
    var contents = Contents()
    while let entry = unsafe readdir(stream) {
      let bytes = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
        unsafe Array($0.prefix { $0 != 0 })
      }
      if bytes == [0x2e] || bytes == [0x2e, 0x2e] { continue }
      guard let name = String(validating: bytes, as: UTF8.self) else {
        throw FileError(
          .wrongData, file: folder,
          "a name in it is not UTF-8: \(String(decoding: bytes, as: UTF8.self))")
      }
      if unsafe isFolder(folder + "/" + name, entry.pointee.d_type) {
        contents.folders.append(name)
      } else {
        contents.files.append(name)
      }
    }
    contents.folders.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    contents.files.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return contents
  }

  /// The paths of the files below a folder, as `sorted(os.walk(folder, followlinks=True))` of Python
  /// orders them: folder by folder, by the byte order of their paths, within each by name.
  ///
  /// - Throws: as `contents(of:)`, and `wrongData` for a link that leads back to a folder above it.
  public static func files(below folder: String) throws -> [String] {
    var found: [(folder: String, files: [String])] = []
    try walk(folder, above: [], into: &found)
    found.sort { $0.folder.utf8.lexicographicallyPrecedes($1.folder.utf8) }
    return found.flatMap { folder, files in files.map { folder + "/" + $0 } }
  }

  private struct Identity: Hashable {
    let device: UInt64
    let number: UInt64
  }

  private static func walk(
    _ folder: String, above: Set<Identity>, into found: inout [(folder: String, files: [String])]
  ) throws {
    var status = stat()
    guard unsafe stat(folder, &status) == 0 else {
      throw FileError(.missingInput, file: folder, systemClause(errno))
    }
    let own = Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    guard !above.contains(own), above.count < greatestDepth else {
      throw FileError(
        .wrongData, file: folder,
        above.contains(own)
          ? "leads back to a folder above it" : "folders are more than \(greatestDepth) deep")
    }
    let contents = try contents(of: folder)
    found.append((folder, contents.files))
    for name in contents.folders {
      try walk(folder + "/" + name, above: above.union([own]), into: &found)
    }
  }

  private static func isFolder(_ path: String, _ type: UInt8) -> Bool {
    if type == UInt8(DT_DIR) { return true }
    if type == UInt8(DT_REG) { return false }
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
