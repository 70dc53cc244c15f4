import ArgumentParser
import Files
import HDF5
import Posteriors
import ToolSupport
import TrajectoryFiles

/// Fits SWAG's Gaussian to the snapshots of training runs.
@main struct SwagFit: Tool {
  static let configuration = CommandConfiguration(
    commandName: "swag-fit",
    abstract: "Fit a Gaussian to snapshots of weights (SWAG).",
    discussion: """
      The snapshots of all files, one after the other, give a mean, a variance for each weight, and \
      the last K deviations from the running mean. swag-sample draws weights from the result. One \
      pass over the input; memory does not grow with it.
      """,
    version: versionText(of: "swag-fit"))

  @Argument(
    help: ArgumentHelp(
      "Trajectories or state dicts; run.h5[5:20:2] selects snapshots. Standard input by default.",
      valueName: "run"))
  var runs: [String] = []

  @Option(
    name: [.customShort("k"), .long],
    help: ArgumentHelp("K, how many deviations to keep; 0 for the diagonal alone.", valueName: "k"))
  var rank = 20

  @Option(help: "From which mean deviations are taken: running, as published, or final.")
  var deviations = SWAG.Centre.running

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var checksums: ChecksumOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var planning: PlanOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    if rank < 0 { throw ValidationError("--rank must be at least 0") }
  }

  func execute() throws {
    threads.apply()
    try output.check(inputs: runs.isEmpty ? ["-"] : runs)
    let input = try SnapshotSequence(runs.isEmpty ? ["-"] : runs, selection: selection.selection)
    guard input.count >= 2 else {
      throw FileError(
        .wrongData, file: input.readers[0].name,
        "one snapshot has no variance; swag-fit needs two or more")
    }
    let swag = SWAG(of: input, rank: rank, deviationsFrom: deviations)
    if planning.plan { return try planning.print(planned(swag, input)) }
    let result = try TensorFileWriter(
      to: checksums.applied(to: output.target), kind: .gaussian, layout: input.layout,
      groups: [(.mean, nil), (.variance, nil), (.deviations, swag.rank)],
      architecture: input.architecture, history: output.history(of: input.histories))
    let progress = ProgressBar(
      "fitting", total: input.layout.count, unit: "weights", quiet: quiet.quiet)
    try swag.fit(
      memory: memory.memory.bytes, progress: { progress.advance(by: $0) },
      write: { part, columns, values in
        switch part {
        case .mean: try result.writeColumns(columns, of: .mean, from: values)
        case .variance: try result.writeColumns(columns, of: .variance, from: values)
        case .deviation(let k):
          try result.writeColumns(columns, of: .deviations, row: k, from: values)
        }
      })
    progress.clear()
    try result.setAttribute("snapshot_count", input.count)
    try result.setAttribute("rank", rank)
    try result.setAttribute("deviations_from", deviations.rawValue)
    try result.finish()
    if swag.rank < rank && !quiet.quiet {
      StandardError.write(
        "swag-fit: \(input.count) snapshots give \(swag.rank) deviations, not \(rank)\n")
    }
  }
}

extension SWAG.Centre: ExpressibleByArgument {}
