import ArgumentParser
import Posteriors
import ToolSupport
import TrajectoryFiles

/// Draws weights from Gaussians that swag-fit has fitted.
@main struct SwagSample: Tool {
  static let configuration = CommandConfiguration(
    commandName: "swag-sample",
    abstract: "Draw weights from a Gaussian that swag-fit has fitted (SWAG, MultiSWAG).",
    discussion: """
      Of several posteriors, an equal mixture is drawn from: sample i comes from posterior i modulo \
      their number. Sample i depends on --seed and i alone. The result is a trajectory without \
      running statistics: bn-update makes those of BatchNorm anew. One pass over the input.
      """,
    version: versionText(of: "swag-sample"))

  /// Each takes some 150 bytes of memory besides its weights on disk.
  private static let mostSamples = 10_000_000

  @Argument(
    help: ArgumentHelp("Files of swag-fit. Standard input by default.", valueName: "swag"))
  var posteriors: [String] = []

  @Option(name: [.customShort("s"), .long], help: "How many samples.") var samples = 30
  @Option(help: ArgumentHelp("Number of the first sample.", valueName: "i")) var first = 0
  @OptionGroup var shape: ShapeOptions
  @Flag(help: "Add a column with the density of each sample, in nats.") var logDensity = false

  @OptionGroup var seed: SeedOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var checksums: ChecksumOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var planning: PlanOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    guard (1...Self.mostSamples).contains(samples) else {
      throw ValidationError("--samples must be from 1 to \(Self.mostSamples)")
    }
    // Sample numbers are kept as Doubles.
    guard (0...(1 << 53) - samples).contains(first) else {
      throw ValidationError("--first must be from 0 to \((1 << 53) - samples)")
    }
    if logDensity && shape.resolvedScale == 0 {
      throw ValidationError("--log-density needs a --scale above 0")
    }
  }

  func execute() throws {
    threads.apply()
    try output.check(inputs: posteriors.isEmpty ? ["-"] : posteriors)
    let components = try (posteriors.isEmpty ? ["-"] : posteriors).map {
      try PosteriorFile($0, shape)
    }
    let layout = components[0].reader.layout
    for other in components.dropFirst() {
      try other.reader.arrange(like: layout, named: components[0].reader.name)
    }
    let sampling = MixtureDraws(
      from: components, parameterCount: layout.count, draws: first..<(first + samples),
      seed: seed.seed, varianceFloor: Float(shape.varianceFloor), withDensity: logDensity)
    if planning.plan { return try planning.print(planned(sampling, components)) }
    if logDensity {
      let rank = components.map(\.gaussian.rank).max() ?? 0
      try requireLinearAlgebraMemory(order: rank, vectors: rank)
    }
    let columns =
      ["sample"] + (components.count > 1 ? ["component"] : [])
      + (logDensity ? ["log_density"] : [])
    let result = try TrajectoryWriter(
      to: checksums.applied(to: output.target), layout: layout,
      architecture: components.lazy.compactMap(\.reader.architecture).first,
      history: output.history(of: components.map(\.reader.history)), columns: columns,
      snapshots: samples)
    let progress = ProgressBar("sampling", total: layout.count, unit: "weights", quiet: quiet.quiet)
    let densities = try sampling.run(
      memory: memory.memory.bytes, progress: { progress.advance(by: $0) },
      write: { try result.writeColumns($1, of: $0, from: $2) })
    progress.clear()
    for s in 0..<samples {
      let draw = first + s
      try result.setColumns(
        [Double(draw)] + (components.count > 1 ? [Double(draw % components.count)] : [])
          + (logDensity ? [densities[s]] : []), of: s)
    }
    try result.finish()
  }
}

/// What is drawn from: how the parts of the covariance are weighed.
struct ShapeOptions: ParsableArguments {
  enum Normalizer: String, ExpressibleByArgument, CaseIterable { case rows, rank }

  @Option(help: "Multiplies the covariance (default: 0.5, with --diagonal 1).")
  var scale: Double?
  @Flag(help: "Without the deviations (SWAG-Diagonal).") var diagonal = false
  @Option(
    help: """
      What divides the deviations' part: rows, their number less 1, or rank, swag-fit's --rank less \
      1, as published.
      """)
  var normalizer = Normalizer.rows
  @Option(help: ArgumentHelp("Raise smaller variances to this.", valueName: "v"))
  var varianceFloor = 0.0

  func validate() throws {
    if let scale, !(scale >= 0 && scale.isFinite) {
      throw ValidationError("--scale must be a finite number of at least 0")
    }
    guard varianceFloor >= 0 && Float(varianceFloor).isFinite else {
      throw ValidationError("--variance-floor must be a float32 of at least 0")
    }
  }

  var resolvedScale: Double { scale ?? (diagonal ? 1 : 0.5) }
}
