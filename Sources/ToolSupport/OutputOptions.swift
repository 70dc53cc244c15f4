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
  /// - Parameters:
  ///   - inputs: all operands and options that name a file to read; nil is none, "-" standard input.
  ///   - goesOn: whether the run in the file is what is asked for.
  /// - Throws: `FileError` of kind `cannotCreate`.
  public func check(inputs: [String?], goesOn: Bool = false) throws {
    try target.check(inputs: inputs, mayReplaceRun: overwrite || goesOn)
  }
}

extension OutputTarget {
  /// As `OutputOptions.check`, for tools with an output option of their own.
  public func check(inputs: [String?], mayReplaceRun: Bool) throws {
    try requireNoInput(among: inputs)
    guard let path, isRegularFile else { return }
    if WriterLock.isTaken(path) { throw WriterLock.busy(path) }
    if !mayReplaceRun, keepsState(path) {
      throw FileError(
        .cannotCreate, file: path,
        "is a run that --resume could go on with; --overwrite replaces it, or choose another -o")
    }
  }
}

/// Whether a file keeps the state of a run. What cannot be read keeps none.
private func keepsState(_ path: String) -> Bool {
  guard let file = try? HDF5File.open(path) else { return false }
  return file.hasAttribute("format") && file.exists(DatasetName.state.path)
}
