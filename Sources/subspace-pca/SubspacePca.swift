import ArgumentParser
import Files
import HDF5
import Posteriors
import ToolSupport
import TrajectoryFiles

/// Builds a subspace of weight space.
@main struct SubspacePca: Tool {
  static let configuration = CommandConfiguration(
    commandName: "subspace-pca",
    abstract: "Build a low-dimensional subspace of weight space.",
    discussion: """
      The principal components of the snapshots about their mean, which becomes the shift; of a \
      gaussian's deviations as they are about its mean; or with --random orthonormal random \
      directions at a snapshot. A curve's control points give the plane of the curve. Two passes \
      over the input; memory does not grow with the network.
      """,
    version: versionText(of: "subspace-pca"))

  @Argument(
    help: ArgumentHelp(
      "Trajectories, or one gaussian; run.h5[5:20:2] selects snapshots. Standard input by default.",
      valueName: "run"))
  var runs: [String] = []

  @Option(
    help: ArgumentHelp(
      "Dimensions of the subspace (default: 5, or fewer where the snapshots span fewer).",
      valueName: "k"))
  var rank: Int?

  @Flag(help: "Take random directions.") var random = false

  @Option(
    help: ArgumentHelp(
      "With --random, the point they start from: the last snapshot of this file.",
      valueName: "run"))
  var at: String?

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var seed: SeedOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var checksums: ChecksumOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var planning: PlanOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var quiet: QuietOptions

  private var wanted: Int { rank ?? 5 }

  func validate() throws {
    if let rank, !(1...10_000).contains(rank) {
      throw ValidationError("--rank must be from 1 to 10000")
    }
    if random != (at != nil) { throw ValidationError("--random and --at belong together") }
    if random && !runs.isEmpty {
      throw ValidationError("--random takes no operand; name the point with --at")
    }
  }

  func execute() throws {
    threads.apply()
    try output.check(inputs: (runs.isEmpty ? ["-"] : runs) + [at])
    let input = try openInput()
    let rows = input.rows
    let progress = ProgressBar(
      "components", total: 2 * rows.layout.count, unit: "weights", quiet: quiet.quiet)
    let pca = SubspacePCA(of: rows, about: input.shift, memory: memory.memory.bytes) {
      progress.advance(by: $0)
    }
    if planning.plan { return try planning.print(planned(pca, input)) }
    let axes = try input.axes(pca.gramMatrix(), rank: wanted)
    let result = try TensorFileWriter(
      to: checksums.applied(to: output.target), kind: .subspace, layout: rows.layout,
      groups: [(.shift, nil), (.components, axes.count)], architecture: input.architecture,
      history: output.history(of: input.histories))
    try pca.combine(axes.coefficients, components: axes.count) { part, columns, values in
      switch part {
      case .shift: try result.writeColumns(columns, of: .shift, from: values)
      case .component(let k):
        try result.writeColumns(columns, of: .components, row: k, from: values)
      }
    }
    try result.write(numbers: axes.singularValues, shape: [axes.count], to: .singularValues)
    try result.write(
      numbers: axes.explainedVarianceRatio, shape: [axes.count], to: .explainedVarianceRatio)
    try result.setAttribute("rows", axes.rows)
    progress.clear()
    if axes.count < wanted && !quiet.quiet {
      let what = random ? "\(rows.layout.count) weights" : "\(rows.count) rows"
      StandardError.write(
        "subspace-pca: \(input.name): \(what) span \(axes.count) direction(s), fewer than"
          + " \(rank == nil ? "the usual \(wanted)" : "--rank \(wanted)"); the subspace has these\n"
      )
    }
    try result.finish()
  }

  private func openInput() throws -> SubspaceInput {
    if let at {
      return try SubspaceInput(
        randomAt: at, selection: selection.selection, rank: wanted, seed: seed.seed)
    }
    return try SubspaceInput.open(
      runs.isEmpty ? ["-"] : runs, selection: selection.selection)
  }
}
