import Glibc

/// A fresh folder, removed at the end of the test.
final class Folder {
  let path: String

  init() {
    var template = Array("/tmp/weightspace-test-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/nowhere"
  }

  deinit { _ = system("rm -rf '\(path)'") }

  func file(_ name: String) -> String { path + "/" + name }

  /// Writes a plain file and returns its path.
  func write(_ name: String, _ bytes: [UInt8]) -> String {
    let path = file(name)
    let stream = fopen(path, "w")!
    fwrite(bytes, 1, bytes.count, stream)
    fclose(stream)
    return path
  }

  func bytes(_ name: String) -> [UInt8] {
    guard let stream = fopen(file(name), "r") else { return [] }
    defer { fclose(stream) }
    var all: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = fread(&part, 1, part.count, stream)
      if count == 0 { return all }
      all += part.prefix(count)
    }
  }

  var listing: [String] {
    var names: [String] = []
    guard let folder = opendir(path) else { return [] }
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    closedir(folder)
    return names.sorted()
  }
}
