import Files
import Glibc

// Why a file does not open, in the user's terms.
extension HDF5File {
  /// Refuses what is no readable, non-empty file, before the library sees it.
  static func checkReadable(_ path: String, name: String) throws {
    var status = stat()
    guard unsafe stat(path, &status) == 0, unsafe access(path, R_OK) == 0 else {
      let number = errno
      throw FileError(
        .missingInput, file: name,
        number == ENOENT ? "no such file" + PartFile.hint(for: path) : systemClause(number))
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      throw FileError(.wrongData, file: name, "is a directory, not an HDF5 file")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(.wrongData, file: name, "is no regular file")
    }
    if status.st_size == 0 {
      throw FileError(.wrongData, file: name, "is empty, not an HDF5 file")
    }
  }

  static func openingError(
    _ path: String, name: String, _ failure: HDF5Library.Failure
  ) -> FileError {
    if failure.mentions("truncated file") {
      return FileError(
        .wrongData, file: name,
        "truncated HDF5 file: its end is missing, copy or make it again")
    }
    if failure.mentions("signature not found") || failure.mentions("not an HDF5 file") {
      return FileError(.wrongData, file: name, "not an HDF5 file" + kindOfFile(path))
    }
    if let number = failure.systemError {
      return FileError(
        number == ENOENT || number == EACCES || number == EPERM || number == EROFS
          ? .missingInput : .inputOutput,
        file: name, systemClause(number))
    }
    if failure.mentions("exceeds high bound") {
      return FileError(
        .wrongData, file: name,
        "an HDF5 file of a later version than can be written to; copy it with h5repack --high=1")
    }
    if failure.mentions("bad superblock version") || failure.mentions("unknown superblock version")
    {
      return FileError(
        .wrongData, file: name,
        "too new for HDF5 \(HDF5Library.version), or damaged: its superblock is of an unknown version"
      )
    }
    if failure.mentions("already open for") {
      return FileError(
        .wrongData, file: name,
        "is marked as open in a program that writes to it; where none does, h5clear -s removes that"
      )
    }
    return FileError(.wrongData, file: name, "damaged HDF5 file (\(failure.summary))")
  }

  /// What the first bytes say the file is instead, in parentheses; empty where they say nothing.
  private static func kindOfFile(_ path: String) -> String {
    let descriptor = unsafe Glibc.open(path, O_RDONLY)
    guard descriptor >= 0 else { return "" }
    defer { Glibc.close(descriptor) }
    var head = [UInt8](repeating: 0, count: contentKindLength)
    let count = unsafe read(descriptor, &head, head.count)
    guard count > 0, let words = kindOfContent(Array(head[..<count])) else { return "" }
    return " (\(words))"
  }
}
