import ArgumentParser
import Foundation

/// Attacks built tools with damaged files, kills, full disks, closed streams and senseless options.
@main struct Torture: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "torture",
    abstract: "Attack the built tools, and say what they did not stand.",
    discussion: """
      Every attempt is decided by --seed, the attack and its number alone. A row for each attack says how \
      many attempts held and failed; a line on standard error says of each failure what was run, and \
      with --keep the folder stays with the inputs. The status is 1 where anything failed.
      """)

  @Option(help: "Attempts of each attack.") var count = 100
  @Option(help: "Where chance begins.") var seed: UInt64 = 1
  @Option(help: "The first attempt, to repeat one.") var from = 0
  @Option(help: "The folder of the tools.") var tools = ".build/release"
  @Option(help: "Keep the inputs of failures in this folder.") var keep: String?
  @Argument(help: "Which attacks: mutants, quotas, streams, options, kills (default: all).")
  var attacks: [String] = []

  func run() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/torture-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let workshop = try Workshop(
      folder: folder, tools: URL(fileURLWithPath: tools).standardizedFileURL.path)
    for fixture in Fixture.all {
      if fixture.command.isEmpty { workshop.write(fixture.name, fixture.bytes) }
    }
    for fixture in Fixture.all where !fixture.command.isEmpty {
      try workshop.make(fixture.command)
    }
    let known: [any Attack.Type] = [
      Mutants.self, Quotas.self, Streams.self, Options.self, Kills.self,
    ]
    for name in attacks where !known.contains(where: { $0.name == name }) {
      throw ValidationError("there is no attack \(name)")
    }
    print("attack\tattempts\theld\tfailed")
    var failures = 0
    for attack in known where attacks.isEmpty || attacks.contains(attack.name) {
      failures += try run(attack.init(workshop), workshop)
    }
    if failures > 0 { throw ExitCode(1) }
  }

  /// Runs an attack, and returns how many attempts failed.
  private func run(_ attack: any Attack, _ workshop: Workshop) throws -> Int {
    let name = type(of: attack).name
    var failed = 0
    for k in from..<(from + count) {
      var chance = Chance(seed: seed, attempt: k, of: name)
      let (command, problem) = try attack.attempt(k, &chance)
      guard let problem else { continue }
      failed += 1
      let words = problem.split(separator: "\n").prefix(3).joined(separator: " | ")
      FileHandle.standardError.write(Data("\(name) \(k): \(command): \(words)\n".utf8))
      if let keep { try keepInputs(of: workshop, in: "\(keep)/\(name)-\(seed)-\(k)") }
    }
    print("\(name)\t\(count)\t\(count - failed)\t\(failed)")
    return failed
  }

  private func keepInputs(of workshop: Workshop, in folder: String) throws {
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(
      atPath: (folder as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: workshop.folder, toPath: folder)
  }
}
