import Foundation
import TestSupport

extension Folder {
  /// The same file gzipped, by the command of that name.
  func gzipped(_ file: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-kf", file]
    try process.run()
    process.waitUntilExit()
    return file + ".gz"
  }
}

/// The folder of data beside the package, absent on other machines.
enum SharedData {
  static let folder =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    + "/shared/data"

  static var isThere: Bool { FileManager.default.fileExists(atPath: folder + "/mnist") }
}
