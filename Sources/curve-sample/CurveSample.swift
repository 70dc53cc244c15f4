import ArgumentParser
import Posteriors
import ToolSupport
import TrajectoryFiles
import WeightSpace

/// Takes points from a curve through weight space.
@main struct CurveSample: Tool {
  static let configuration = CommandConfiguration(
    commandName: "curve-sample",
    abstract: "Take points from a curve, or from the straight line between weights.",
    discussion: """
      The result is an affine trajectory: the control points, and for each point of the curve how \
      much of each it has. Its column t runs from 0 to 1; the first and the last point of an \
      equidistant sample are the curve's ends to the last bit. It has no running statistics: \
      bn-update makes them for each point.
      """,
    version: versionText(of: "curve-sample"))

  @Argument(
    help: ArgumentHelp(
      "A curve of curve-fit; with --line weight files, of each the last snapshot.",
      valueName: "curve"))
  var operands: [String] = []

  @Option(help: ArgumentHelp("So many equidistant points (default: 61).", valueName: "n"))
  var points: Int?

  @Option(help: ArgumentHelp("So many points at random, uniform in t.", valueName: "n"))
  var uniform: Int?

  @Flag(help: "Go straight from one weight to the next.")
  var line = false

  @OptionGroup var seed: SeedOptions
  @OptionGroup var tensors: TensorOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var checksums: ChecksumOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var planning: PlanOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    if points != nil && uniform != nil {
      throw ValidationError("--points and --uniform exclude each other")
    }
    guard (2...1_000_000).contains(points ?? 2) else {
      throw ValidationError("--points must be from 2 to 1000000")
    }
    guard (1...1_000_000).contains(uniform ?? 1) else {
      throw ValidationError("--uniform must be from 1 to 1000000")
    }
    if line && operands.count < 2 { throw ValidationError("--line needs two weight files or more") }
    if !line && operands.count > 1 {
      throw ValidationError("one curve at a time; --line joins several weight files")
    }
  }

  func execute() throws {
    threads.apply()
    try output.check(inputs: operands.isEmpty ? ["-"] : operands)
    let source = try CurveSource(
      operands.isEmpty ? ["-"] : operands, line: line, tensors: tensors.rules)
    let positions =
      uniform.map { WeightCurve.uniform($0, seed: seed.seed) }
      ?? WeightCurve.equidistant(points ?? 61)
    let input = source.points
    if planning.plan { return try planning.print(planned(source, points: positions.count)) }
    let result = try AffineWriter(
      to: checksums.applied(to: output.target), layout: input.layout, components: input.count,
      architecture: input.architecture, history: output.history(of: input.histories))
    let progress = ProgressBar(
      "copying", total: input.layout.count, unit: "weights", quiet: quiet.quiet)
    try source.copyPoints(to: result, memory: memory.memory.bytes, progress: progress)
    progress.clear()
    try result.setSnapshots(
      positions.map { source.curve.coefficients(at: $0) }, columns: [("t", positions)])
    try result.finish()
  }
}
