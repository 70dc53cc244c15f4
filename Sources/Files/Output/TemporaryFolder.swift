import CKernels
import Glibc

/// A folder that this process and a program that it started exchange files in, for this user alone.
///
/// It is removed with all that is in it when this value is gone, and when an error or a signal ends the
/// process.
public final class TemporaryFolder: Sendable {
  public let path: String

  /// - Throws: `FileError` of kind `cannotCreate`, also where the folder's name has a blank in it, which
  ///   would end it in a line of words.
  public init(in folder: String = TemporaryFile.defaultFolder) throws {
    guard !folder.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else {
      throw FileError(
        .cannotCreate, file: "temporary folder in \(folder)",
        "has a blank in its name; set TMPDIR to one that has none")
    }
    var name = Array("\(folder)/.weightspace-XXXXXX".utf8CString)
    let number = unsafe name.withUnsafeMutableBufferPointer {
      unsafe ck_create_folder($0.baseAddress!)
    }
    guard number == 0 else {
      throw FileError(
        .cannotCreate, file: "temporary folder in \(folder)", systemClause(number))
    }
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { unsafe ck_remove_folder(path) }
}
