import ArgumentParser
import Bridge
import Datasets
import Files
import ToolSupport
import TrajectoryFiles
import WeightSpace

/// `--command PROGRAM`, `--timeout SECONDS`: a program in place of a network of the suite.
public struct WorkerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A program with a network of any kind, instead of one of the suite's.", valueName: "program"))
  public var command: String?
  @Option(
    help: ArgumentHelp(
      "How long to wait for each answer of the program (default: 3600).", valueName: "seconds"))
  public var timeout: Double?

  public init() {}

  public func validate() throws {
    if let command, command.allSatisfy(\.isWhitespace) {
      throw ValidationError("--command needs a program, as in --command 'python worker.py'")
    }
    guard let timeout else { return }
    guard command != nil else { throw ValidationError("--timeout belongs to --command") }
    guard timeout > 0, timeout <= 1e6 else {
      throw ValidationError("--timeout must be a positive number of seconds, at most 1000000")
    }
  }

  /// Refuses options that say what the network is or does, where that is the program's affair.
  ///
  /// - Parameter options: each with whether it is given.
  public func refuse(_ options: [(name: String, isGiven: Bool)]) throws {
    guard command != nil, let option = options.first(where: \.isGiven) else { return }
    throw ValidationError(
      "--\(option.name) is for networks of the suite, and --command names another")
  }

  /// Refuses a command without data where there is no program to have its own.
  public func requireData(_ data: String?) throws {
    if command == nil, data == nil {
      throw ValidationError("Missing expected argument '--data <data>'")
    }
    if command != nil, data == "-" {
      throw ValidationError("--command needs data in a file, which the program can open too")
    }
  }

  /// Starts the program.
  ///
  /// - Throws: `FileError`.
  public func worker(
    _ command: String, data: String?, dataset: Dataset?, batchSize: Int
  ) throws -> Worker {
    try Worker(
      command, data: data, rows: dataset?.count,
      environment: [
        "WEIGHTSPACE_BATCH_SIZE": "\(batchSize)",
        "WEIGHTSPACE_THREADS": "\(Parallelism.threadCount)",
      ], timeout: timeout ?? 3600)
  }
}

extension Worker {
  /// Opens the weight files that this program is to run, standard input where none is named.
  public func open(
    _ operands: [String], selection: SnapshotSelection
  ) throws -> [BridgedSnapshots] {
    try (operands.isEmpty ? ["-"] : operands).map {
      try BridgedSnapshots(TrajectoryReader($0, selection: selection), self)
    }
  }
}
