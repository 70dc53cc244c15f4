import Foundation
import Glibc

/// A folder with inputs, in which commands are run and judged.
///
/// The rules are those of every tool: a documented status; nothing on standard error where it is 0 and
/// one line that names the tool otherwise; no output and no temporary file left behind by a failure;
/// an output that is whole where the status is 0; so much time and memory and no more.
final class Workshop {
  let folder: String
  let tools: String
  /// Seconds of processor time, and bytes, that one command may take.
  static let timeLimit = 20.0
  static let memoryLimit = 1 << 30

  init(folder: String, tools: String) throws {
    self.folder = folder
    self.tools = tools
    for part in ["", "/tmp", "/in"] {
      try FileManager.default.createDirectory(
        atPath: folder + part, withIntermediateDirectories: true)
    }
  }

  func path(_ name: String) -> String { folder + "/" + name }

  func bytes(_ name: String) -> [UInt8] {
    FileManager.default.contents(atPath: path(name)).map { [UInt8]($0) } ?? []
  }

  func write(_ name: String, _ bytes: [UInt8]) {
    _ = FileManager.default.createFile(atPath: path(name), contents: Data(bytes))
  }

  func remove(_ name: String) { try? FileManager.default.removeItem(atPath: path(name)) }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// Starts a command with the tools on its path.
  func start(_ command: String, replacesShell: Bool = true) -> Child {
    Child(
      command, in: folder,
      environment: [
        "PATH": "\(tools):/usr/local/bin:/usr/bin:/bin", "TMPDIR": path("tmp"), "HOME": folder,
        "OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": "1", "LC_ALL": "C",
      ],
      output: path("stdout"), errors: path("stderr"), replacesShell: replacesShell)
  }

  /// Runs a command that must succeed, such as one that makes an input.
  func make(_ command: String) throws {
    let end = start(command, replacesShell: false).end()
    guard end.status == 0 else {
      throw Failure("\(command): status \(end.status): \(text("stderr"))")
    }
  }

  func text(_ name: String) -> String { String(decoding: bytes(name), as: UTF8.self) }

  struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  // MARK: Judging

  private static let statuses: Set<Int32> = [0, 64, 65, 66, 71, 73, 74]

  /// Runs a command within the limits, and says what is wrong with how it went; nil where nothing is.
  ///
  /// - Parameters:
  ///   - output: what it writes, if anything.
  ///   - prelude: what the shell does before, such as to set a limit.
  func judge(_ command: String, output: String?, prelude: String = "") -> String? {
    if let output {
      remove(output)
      remove(output + ".part")
    }
    let limits = "ulimit -t \(Int(Self.timeLimit)); ulimit -c 0; "
    let end = start(
      "true; \(limits)\(prelude)exec \(command)", replacesShell: false
    ).end()
    return verdict(command, end, output: output)
  }

  /// What is wrong with the end of a command.
  func verdict(_ command: String, _ end: Child.End, output: String?) -> String? {
    let tool = command.prefix { $0 != " " }
    let lines = bytes("stderr").split(separator: UInt8(ascii: "\n"))
    let left = leftovers()
    if !Self.statuses.contains(end.status) {
      return end.status == 128 + SIGXCPU || end.status == 128 + SIGKILL
        ? "no end after \(Int(end.processorTime)) s of processor time" : "status \(end.status)"
    }
    if end.peakMemory > Self.memoryLimit { return "took \(end.peakMemory >> 20) MiB of memory" }
    if !left.isEmpty { return "left \(left.joined(separator: ", "))" }
    if end.status == 0 {
      guard let output, exists(output) else { return nil }
      let check = start("weights-check -q \(output)").end()
      return check.status == 0 ? nil : "status 0, but: \(text("stderr"))"
    }
    // A check has a line for each problem.
    if lines.count != 1 && tool != "weights-check" || lines.isEmpty {
      return "\(lines.count) lines on standard error"
    }
    for line in lines {
      if !line.starts(with: Array("\(tool): ".utf8)) { return "the line does not name the tool" }
      if line.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
        return "control characters in the line"
      }
      if line.count > 2000 { return "a line of \(line.count) bytes" }
    }
    guard let output else { return nil }
    if exists(output) { return "status \(end.status), but there is an output" }
    // What a run has saved stays as its part, and must be whole.
    guard exists(output + ".part") else { return nil }
    let check = start("weights-check -q \(output).part").end()
    return check.status == 0 ? nil : "after status \(end.status): \(text("stderr"))"
  }

  /// Temporary files, which are removed.
  private func leftovers() -> [String] {
    var found: [String] = []
    for part in ["", "tmp"] {
      let files = (try? FileManager.default.contentsOfDirectory(atPath: path(part))) ?? []
      for file in files where part == "tmp" || file.hasPrefix(".") {
        let name = part.isEmpty ? file : part + "/" + file
        found.append(name)
        remove(name)
      }
    }
    return found
  }
}
