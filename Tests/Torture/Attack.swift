import Glibc

/// A way to break things, tried again and again.
protocol Attack {
  static var name: String { get }
  init(_ workshop: Workshop) throws
  /// One attempt: what was run, and what was wrong; nil where nothing was.
  func attempt(_ k: Int, _ chance: inout Chance) throws -> (command: String, problem: String?)
}

/// Inputs that are damaged: every reader ends in one line, or with a result that is whole.
struct Mutants: Attack {
  static let name = "mutants"
  private let workshop: Workshop
  init(_ workshop: Workshop) { self.workshop = workshop }

  func attempt(_ k: Int, _ chance: inout Chance) -> (command: String, problem: String?) {
    // Every reader in turn, so that each has its share.
    let readers = Fixture.all.flatMap { fixture in fixture.readers.map { (fixture, $0) } }
    let (fixture, reader) = readers[k % readers.count]
    let name = "in/" + fixture.name
    workshop.write(name, Mutation.mutant(of: workshop.bytes(fixture.name), &chance))
    let command = reader.command.replacing("IN", with: name)
    return (command, workshop.judge(command, output: reader.output))
  }
}

/// Disks that are full after so many bytes.
struct Quotas: Attack {
  static let name = "quotas"
  private let workshop: Workshop
  init(_ workshop: Workshop) { self.workshop = workshop }

  func attempt(_ k: Int, _ chance: inout Chance) -> (command: String, problem: String?) {
    let writers = Fixture.all.flatMap { fixture in
      fixture.readers.filter { $0.output != nil }.map { (fixture, $0) }
    }
    let (fixture, reader) = chance.pick(writers)
    // The line that says so must fit its file too.
    let blocks = 1 + chance.below(60)
    let command = reader.command.replacing("IN", with: fixture.name)
    // Nothing may stand there and not be whole, whatever the status.
    return (
      "ulimit -f \(blocks); \(command)",
      workshop.judge(command, output: reader.output, prelude: "ulimit -f \(blocks); ")
    )
  }
}

/// Standard streams that are closed or full.
struct Streams: Attack {
  static let name = "streams"
  private let workshop: Workshop
  init(_ workshop: Workshop) { self.workshop = workshop }

  func attempt(_ k: Int, _ chance: inout Chance) -> (command: String, problem: String?) {
    let fixture = chance.pick(Fixture.all.filter { !$0.command.isEmpty })
    let closed = chance.pick(["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-", "> /dev/full"])
    let command = fixture.command.replacing(fixture.name, with: "out-" + fixture.name)
    let output = "out-" + fixture.name
    let problem = workshop.judge("\(command) \(closed)", output: output)
    // With standard error closed there is no line to count.
    if closed.contains("2>&-"), problem == "0 lines on standard error" { return (command, nil) }
    return ("\(command) \(closed)", problem)
  }
}

/// Values that make no sense, for every option of every tool.
struct Options: Attack {
  static let name = "options"
  private let workshop: Workshop
  init(_ workshop: Workshop) { self.workshop = workshop }

  static let values = [
    "", "0", "-1", "1e400", "nan", "-inf", "9223372036854775807", "9223372036854775808", "1e18",
    "0.5",
    "/dev/null", "/nowhere/x", "é", "$'a\\nb'", "$'\\e[31m'", "a,b,c", ":", "[", "x=y", "'%s%n'",
  ]

  func attempt(_ k: Int, _ chance: inout Chance) -> (command: String, problem: String?) {
    let fixture = chance.pick(Fixture.all)
    let reader = chance.pick(fixture.readers)
    // nn-data has commands of its own, and each its options.
    let words = reader.command.split(separator: " ").prefix(2)
    let tool = words.prefix(words[0] == "nn-data" ? 2 : 1).joined(separator: " ")
    let help = workshop.start("\(tool) --help").end().status == 0 ? workshop.text("stdout") : ""
    let names = help.split { !($0.isLetter || $0.isNumber || $0 == "-") }
      .filter { $0.hasPrefix("--") && $0.count > 3 && $0 != "--help" && $0 != "--version" }
    guard let name = names.isEmpty ? nil : chance.pick(names) else { return (tool, "no help") }
    let value = chance.pick(Self.values)
    let command =
      reader.command.replacing("IN", with: fixture.name)
      + " \(name) \(value.isEmpty ? "''" : value)"
    let problem = workshop.judge(command, output: reader.output)
    // An option may make the command print, or write nothing: what is there is still checked.
    return (command, problem)
  }
}

/// Growing files whose writer is killed at some moment, once or twice, and goes on: it must reach what
/// an undisturbed run reaches.
struct Kills: Attack {
  static let name = "kills"
  private let workshop: Workshop
  private let runs: [(command: String, groups: [String])]

  init(_ workshop: Workshop) throws {
    self.workshop = workshop
    runs = [
      (
        "nn-train data.h5 --model net.json --epochs 40 -b 4 --momentum 0.9 -q",
        ["/weights", "/buffers", "/snapshots"]
      ),
      (
        "subspace-sample space.h5 --data data.h5 --samples 40 --burn-in 2 --temperature 50 -q",
        ["/coordinates", "/snapshots"]
      ),
      (
        "curve-fit 'run.h5[0]' 'run.h5[2]' --data data.h5 --epochs 20 -b 10 -q --resume",
        ["/weights"]
      ),
    ]
    for (k, run) in runs.enumerated() { try workshop.make("\(run.command) -o whole\(k).h5") }
  }

  func attempt(_ k: Int, _ chance: inout Chance) throws -> (command: String, problem: String?) {
    let place = k % runs.count
    let (command, groups) = runs[place]
    let (whole, output) = ("whole\(place).h5", "killed.h5")
    workshop.remove(output)
    workshop.remove(output + ".part")
    for round in 0..<(1 + chance.below(2)) {
      let child = workshop.start(
        "\(command)\(round > 0 || chance.below(2) == 0 ? " --resume" : "") -o \(output)")
      usleep(UInt32(20_000 + chance.below(400_000)))
      child.signal(9)
      let end = child.end()
      if end.status != 0 && end.status != 137 {
        return (command, "before the kill: status \(end.status): \(workshop.text("stderr"))")
      }
      // What has the result's name is done.
      for name in [output, output + ".part"] where workshop.exists(name) {
        let check = workshop.start("weights-check -q \(name)").end()
        if check.status != 0 { return (command, "after the kill: \(workshop.text("stderr"))") }
      }
    }
    let resumed = workshop.start("\(command) --resume -o \(output)").end()
    guard resumed.status == 0 else {
      return (command, "resumed: status \(resumed.status): \(workshop.text("stderr"))")
    }
    for group in groups {
      let same = workshop.start("h5diff \(whole) \(output) \(group) \(group)").end()
      if same.status != 0 { return (command, "\(group) is not what an undisturbed run reaches") }
    }
    // Names of temporaries that a kill left are nobody's fault.
    _ = workshop.verdict(command, resumed, output: nil)
    return (command, nil)
  }
}
