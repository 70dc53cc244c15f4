import Foundation
import HDF5

@testable import Datasets

/// A fresh folder that is gone with the value.
final class Scratch {
  let path: String

  init() {
    path = FileManager.default.temporaryDirectory.path + "/datasets-" + UUID().uuidString
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  func file(_ name: String, _ bytes: [UInt8]) -> String {
    _ = FileManager.default.createFile(atPath: path + "/" + name, contents: Data(bytes))
    return path + "/" + name
  }

  func file(_ name: String, _ text: String) -> String { file(name, Array(text.utf8)) }

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

/// What an error says, for comparing.
func message(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}

/// A file's bytes as they are.
func rawBytes(_ path: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}
