import Foundation
import Testing

/// A fresh folder to run the built tools in; removed at the end of the test.
///
///     let place = Workplace()
///     place.succeeds("swa-avg run.h5 | bn-update --data data.h5 -o fresh.h5")
///     place.fails("swa-avg none.h5 -o out.h5", 66, "swa-avg: none.h5: no such file")
///
/// Commands are run by `sh -c` in that folder, with the built tools first in PATH and TMPDIR set to
/// `tmp` beside the folder's files.
final class Workplace {
  /// What a command did. Its description shows all of it.
  struct Outcome: CustomStringConvertible {
    let command: String
    let folder: String
    let status: Int32
    let outputBytes: Data
    let errors: String

    var output: String { String(decoding: outputBytes, as: UTF8.self) }
    /// The output's lines, each cut at tabs.
    var table: [[String]] {
      output.split(separator: "\n").map { line in
        line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      }
    }

    var description: String {
      let shown = outputBytes.count > 4000 ? "\(outputBytes.count) bytes" : output
      return """

        command: \(command)
        folder:  \(folder)
        status:  \(status)
        stdout:  \(shown)
        stderr:  \(errors)
        """
    }
  }

  let path: String
  var temporaryFolder: String { path + ".tmp" }

  init() {
    let base = FileManager.default.temporaryDirectory.path
    path = base + "/weightspace-tools-\(UUID().uuidString)"
    for folder in [path, path + ".tmp"] {
      try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
  }

  deinit {
    for folder in [path, path + ".tmp"] { try? FileManager.default.removeItem(atPath: folder) }
  }

  /// Where the built tools are: beside this test's own executable.
  static let binaries: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = URL(fileURLWithPath: own).deletingLastPathComponent().path
    if FileManager.default.isExecutableFile(atPath: beside + "/swa-avg") { return beside }
    return packageFolder + "/.build/release"
  }()

  /// The root of the package.
  static let packageFolder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  func file(_ name: String) -> String { path + "/" + name }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

  func bytes(_ name: String) -> Data { FileManager.default.contents(atPath: file(name)) ?? Data() }

  func write(_ name: String, _ text: String) {
    write(name, Data(text.utf8))
  }

  func write(_ name: String, _ data: Data) {
    _ = FileManager.default.createFile(atPath: file(name), contents: data)
  }

  /// The files in the folder and the temporary folder, hidden ones too, sorted.
  var listing: [String] {
    [path, temporaryFolder].flatMap {
      (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? []
    }.sorted()
  }

  /// Runs a command; five minutes at most.
  func run(_ command: String, environment: [String: String] = [:]) -> Outcome {
    let logs = FileManager.default.temporaryDirectory.path + "/weightspace-log-\(UUID().uuidString)"
    for suffix in [".out", ".err"] {
      _ = FileManager.default.createFile(atPath: logs + suffix, contents: nil)
    }
    defer {
      for suffix in [".out", ".err"] { try? FileManager.default.removeItem(atPath: logs + suffix) }
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["timeout", "300", "sh", "-c", command]
    process.currentDirectoryURL = URL(fileURLWithPath: path)
    var variables = ProcessInfo.processInfo.environment
    variables["PATH"] = Self.binaries + ":" + (variables["PATH"] ?? "/usr/bin:/bin")
    variables["TMPDIR"] = temporaryFolder
    variables["SOURCE_DATE_EPOCH"] = nil
    variables.merge(environment) { $1 }
    process.environment = variables
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: logs + ".out")
    process.standardError = FileHandle(forWritingAtPath: logs + ".err")
    do { try process.run() } catch {
      return Outcome(
        command: command, folder: path, status: -1, outputBytes: Data(), errors: "\(error)")
    }
    process.waitUntilExit()
    let errors = FileManager.default.contents(atPath: logs + ".err") ?? Data()
    return Outcome(
      command: command, folder: path,
      status: process.terminationReason == .exit
        ? process.terminationStatus : 128 + process.terminationStatus,
      outputBytes: FileManager.default.contents(atPath: logs + ".out") ?? Data(),
      errors: String(decoding: errors, as: UTF8.self))
  }

  /// Runs a command that must end with status 0.
  @discardableResult
  func succeeds(
    _ command: String, environment: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> Outcome {
    let outcome = run(command, environment: environment)
    #expect(outcome.status == 0, "\(outcome)", sourceLocation: sourceLocation)
    return outcome
  }

  /// Runs a command that must end with that status and one line on standard error that contains
  /// `message`, and leave the listing of files as it was.
  @discardableResult
  func fails(
    _ command: String, _ status: Int32, _ message: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> Outcome {
    let before = listing
    let outcome = run(command)
    #expect(outcome.status == status, "\(outcome)", sourceLocation: sourceLocation)
    #expect(outcome.errors.contains(message), "\(outcome)", sourceLocation: sourceLocation)
    let lines = outcome.errors.split(separator: "\n").count
    #expect(lines == 1, "not one line: \(outcome)", sourceLocation: sourceLocation)
    #expect(listing == before, "files left behind: \(outcome)", sourceLocation: sourceLocation)
    return outcome
  }
}
