import CKernels
import Glibc

/// How many bytes there is room for in the file system of a folder; nil where it does not say.
public func freeBytes(in folder: String) -> Int? {
  var status = statvfs()
  guard unsafe statvfs(folder, &status) == 0 else { return nil }
  return Int(clamping: status.f_bavail).multipliedReportingOverflow(
    by: Int(clamping: status.f_frsize)
  ).partialValue
}

/// Reserves the blocks of a part of a file that is to be written, so that a full disk shows now and not in
/// the middle. Where a file system reserves none, the file is as long as that afterwards.
///
/// - Parameter size: how long the file is now.
/// - Throws: `FileError` of kind `inputOutput`.
public func reserveBlocks(_ part: Range<Int>, of descriptor: Int32, size: Int, file: String) throws
{
  guard !part.isEmpty else { return }
  var number = ck_reserve(descriptor, Int64(part.lowerBound), Int64(part.count))
  if number != 0, ![ENOSPC, EDQUOT, EFBIG].contains(number) {
    number = size >= part.upperBound || ftruncate(descriptor, part.upperBound) == 0 ? 0 : errno
  }
  guard number == 0 else { throw FileError(.inputOutput, file: file, systemMessage(number)) }
}
