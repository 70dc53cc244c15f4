import Glibc

/// How many bytes there is room for in the file system of a folder; nil where it does not say.
public func freeBytes(in folder: String) -> Int? {
  var status = statvfs()
  guard unsafe statvfs(folder, &status) == 0 else { return nil }
  return Int(clamping: status.f_bavail).multipliedReportingOverflow(
    by: Int(clamping: status.f_frsize)
  ).partialValue
}
