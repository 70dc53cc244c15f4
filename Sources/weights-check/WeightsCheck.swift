import ArgumentParser
import Files
import Inspection
import Machine
import ToolSupport
import TrajectoryFiles

/// Checks files, and says what is in them.
@main struct WeightsCheck: Tool {
  static let configuration = CommandConfiguration(
    commandName: "weights-check",
    abstract: "Check weight files and say what is in them.",
    discussion: """
      Reads any file of the suite, state dicts in HDF5, safetensors (one file, or the index of \
      several), npz, npy and PyTorch's .pt. What is wrong goes to standard error, one line for each problem, and \
      the exit status is then 65. Standard output has a row for each file, with --list for each \
      dataset in it.
      """,
    version: versionText(of: "weights-check"))

  @Argument(help: ArgumentHelp("Files; standard input by default.", valueName: "file"))
  var files: [String] = []

  @Flag(help: "Structure only: types, shapes and counts, without reading the numbers.")
  var quick = false

  @Flag(help: "A row for each dataset or tensor: type, shape and range.")
  var list = false

  @Flag(help: "Print JSON, with every dataset and every problem.")
  var json = false

  @Flag(
    name: .customLong("kinds"), help: "Print what each kind of file of the suite holds, and stop.")
  var kinds = false

  @OptionGroup var planning: PlanOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    if kinds && !files.isEmpty { throw ValidationError("--kinds reads no file") }
    if list && json { throw ValidationError("--list and --json exclude each other") }
  }

  /// What this run would take. What is in a file is known after a quick look.
  private func planned() throws -> RunPlan {
    var plan = RunPlan("checking")
    var largest = 0.0
    for file in files.isEmpty ? ["-"] : files {
      let report = try Inspection.report(on: file, depth: .quick)
      if !quick {
        plan.read(report.storedBytes)
        largest = max(largest, report.readingBytes)
        plan.work += report.readingSeconds
      }
    }
    plan.memory.add(largest, "blocks of numbers")
    return plan
  }

  func execute() throws {
    if kinds { return try StandardOutput.write(FileSchema.description) }
    if planning.plan { return try planning.print(planned(), json: json) }
    var printer = ReportPrinter(list: list, json: json, quiet: quiet.quiet)
    for file in files.isEmpty ? ["-"] : files {
      do {
        try printer.add(Inspection.report(on: file, depth: quick ? .quick : .full))
      } catch let error as FileError where error.kind == .missingInput {
        printer.fail(error)
      }
    }
    try printer.finish()
  }
}
