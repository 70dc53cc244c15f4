import ArgumentParser
import Files
import HDF5
import TrajectoryFiles

/// Where the result goes, and what it says about its origin.
public struct OutputOptions: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Write the result to this file, replacing it whole; - is standard output.",
      valueName: "file"))
  public var output: String?

  @Flag(help: "Replace an output file also where it is a run that could go on.")
  public var overwrite = false

  @Flag(name: .customLong("no-history"), help: "Leave the history out of the result.")
  public var noHistory = false

  @Flag(help: "Put the present time into the history.")
  public var stamp = false

  public init() {}

  public var target: OutputTarget { OutputTarget(output) }

  /// This command's line before its inputs' lines; nil with `--no-history`.
  public func history(of inputs: [[String]]) -> [String]? {
    noHistory
      ? nil : commandHistory(arguments: CommandLine.arguments, inputs: inputs, stamp: stamp)
  }

  /// Refuses an output that must not be replaced, before any work is done: one of the inputs, a file
  /// that another process is writing to, and, without `--overwrite`, a run that could go on.
  ///
  /// - Parameter inputs: all operands and options that name a file to read; nil is none, "-" standard
  ///   input.
  /// - Throws: `FileError` of kind `cannotCreate`.
  public func check(inputs: [String?]) throws {
    try target.check(inputs: inputs, mayReplaceRun: overwrite)
  }

  /// As `check(inputs:)`, for a command whose result grows until it is done.
  ///
  /// - Parameter resumes: whether it goes on with what is there; otherwise it replaces nothing without
  ///   `--overwrite`.
  public func checkGrowing(inputs: [String?], resumes: Bool) throws {
    try target.check(inputs: inputs, mayReplaceRun: true)
    if resumes || overwrite { return }
    try target.requireNoPart()
    guard target.isRegularFile else { return }
    throw FileError(
      .cannotCreate, file: target.path ?? "",
      "exists; --resume goes on with its run, --overwrite replaces it")
  }
}

extension OutputTarget {
  /// As `OutputOptions.check`, for tools with an output option of their own.
  public func check(inputs: [String?], mayReplaceRun: Bool) throws {
    try requireNoInput(among: inputs)
    guard let path, let part else { return }
    for name in [path, part.path] where WriterLock.isTaken(name) { throw WriterLock.busy(name) }
    if mayReplaceRun { return }
    try requireNoPart()
    if isRegularFile, keepsState(path) {
      throw FileError(
        .cannotCreate, file: path,
        "is a run that --resume could go on with; --overwrite replaces it, or choose another -o")
    }
  }

  /// Refuses a name beside which an unfinished run lies.
  fileprivate func requireNoPart() throws {
    guard let part, part.isThere else { return }
    throw FileError(
      .cannotCreate, file: part.path,
      "is an unfinished run, which --resume goes on with; --overwrite replaces it, or choose another -o"
    )
  }
}

/// Whether a file keeps the state of a run. What cannot be read keeps none.
private func keepsState(_ path: String) -> Bool {
  guard let file = try? HDF5File.open(path) else { return false }
  return file.hasAttribute("format") && file.exists(DatasetName.state.path)
}
