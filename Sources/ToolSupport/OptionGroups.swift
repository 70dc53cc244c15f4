import ArgumentParser
import Files
import TrajectoryFiles
import WeightSpace

/// `-@ N`, `--threads N`.
public struct ThreadOptions: ParsableArguments {
  @Option(
    name: [.customShort("@", allowingJoined: true), .long],
    help: ArgumentHelp("Threads to use (default: one for each processor).", valueName: "n"))
  public var threads: Int?

  public init() {}

  public func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
    // Far more threads than processors help nobody and exhaust the stack of OpenMP.
    if let threads, threads > 1024 { throw ValidationError("--threads must be at most 1024") }
  }

  /// The number of threads, at least 1.
  public var count: Int { threads ?? Parallelism.availableProcessors }

  /// Makes the loops of `WeightSpace` use that many threads.
  public func apply() { Parallelism.threadCount = count }
}

/// `-m SIZE`, `--memory SIZE`.
public struct MemoryOptions: ParsableArguments {
  @Option(
    name: [.customShort("m"), .long],
    help: ArgumentHelp(
      "Memory for blocks of the input, such as 64M or 2G.", valueName: "size"))
  public var memory: MemorySize = MemorySize(bytes: 128 << 20)

  public init() {}
}

/// A number of bytes, as in 4096, 64K, 128M, 2G or 2GiB (powers of 1024).
public struct MemorySize: ExpressibleByArgument, Sendable, Equatable, CustomStringConvertible {
  public let bytes: Int

  public init(bytes: Int) { self.bytes = bytes }

  public init?(argument: String) {
    var text = argument.lowercased()
    for suffix in ["ib", "b"] where text.hasSuffix(suffix) {
      text.removeLast(suffix.count)
      break
    }
    let units: [Character: Int] = ["k": 10, "m": 20, "g": 30, "t": 40]
    var shift = 0
    if let last = text.last, let unit = units[last] {
      shift = unit
      text.removeLast()
    }
    guard let value = Double(text), value > 0, value * Double(1 << shift) < 0x1p60 else {
      return nil
    }
    bytes = max(1, Int(value * Double(1 << shift)))
  }

  public var description: String {
    for (shift, unit) in [(30, "G"), (20, "M"), (10, "K")] where bytes % (1 << shift) == 0 {
      return "\(bytes >> shift)\(unit)"
    }
    return "\(bytes)"
  }
}

/// `--header`, `--no-header`: whether the first line of a text table names its columns.
public struct HeaderOptions: ParsableArguments {
  @Flag(
    inversion: .prefixedNo,
    help: "The first line of a text table names its columns, or is data (default: as it looks).")
  public var header: Bool?

  public init() {}

  public var rule: TableHeader { header.map { $0 ? .present : .absent } ?? .guess }
}

/// `--seed N`.
public struct SeedOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Seed of everything random.", valueName: "n"))
  public var seed: UInt64 = 0

  public init() {}
}

/// `-q`, `--quiet`.
public struct QuietOptions: ParsableArguments {
  @Flag(name: [.short, .long], help: "Print nothing but errors to standard error.")
  public var quiet = false

  public init() {}

  public func validate() {
    if quiet { Remarks.tell(nil) }
  }
}

/// `--from`, `--to`, `--every`, `--last`: which snapshots of each input, and which tensors of these.
public struct SelectionOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("First snapshot; negative counts from the end.", valueName: "i"))
  public var from: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Stop before this snapshot; negative counts from the end.", valueName: "j"))
  public var to: Int?

  @Option(help: ArgumentHelp("Take each K-th snapshot.", valueName: "k"))
  public var every: Int?

  @Option(help: ArgumentHelp("Take the last N snapshots.", valueName: "n"))
  public var last: Int?

  @OptionGroup public var tensors: TensorOptions

  public init() {}

  public func validate() throws {
    if let every, every < 1 { throw ValidationError("--every must be at least 1") }
    if let last, last < 1 { throw ValidationError("--last must be at least 1") }
  }

  public var selection: SnapshotSelection {
    SnapshotSelection(from: from, to: to, every: every, last: last, tensors: tensors.rules)
  }
}

/// `--model NAME|FILE.json`.
public struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The network: a built-in name such as lenet5 or preresnet20, or a JSON file.",
      valueName: "model"))
  public var model: String?

  public init() {}
}
