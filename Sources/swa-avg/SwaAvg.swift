import ArgumentParser
import ToolSupport
import TrajectoryFiles
import WeightSpace

/// Averages weights over the snapshots of training runs.
@main struct SwaAvg: Tool {
  static let configuration = CommandConfiguration(
    commandName: "swa-avg",
    abstract: "Average weights over snapshots (SWA).",
    discussion: """
      The snapshots of all files, one after the other, are averaged with equal weights, with \
      --weights, or exponentially. The result has one snapshot, with --running or --window one for \
      each input snapshot, with --blocks one for each block. It has no running statistics: those of BatchNorm are stale after averaging, \
      and bn-update makes them anew. Files may be PyTorch's .pt, safetensors or npz too, and the \
      result is one of the last two if its name ends so. One pass over the input; memory does not grow with it.
      """,
    version: versionText(of: "swa-avg"))

  @Argument(
    help: ArgumentHelp(
      "Trajectories, safetensors or other state dicts; run.h5[5:20:2] selects snapshots. Standard input by default.",
      valueName: "run"))
  var runs: [String] = []

  @Option(help: ArgumentHelp("Exponential average with this decay, 0 to 1.", valueName: "decay"))
  var ema: Double?

  @Flag(help: "Start the exponential average from zero and correct for that.")
  var debias = false

  @Option(
    help: ArgumentHelp(
      """
      With --ema, let the decay grow to its own: mt, no larger than 1 - 1/(t + 1), or dp, no larger \
      than (1 + t)/(10 + t), with t from 0.
      """, valueName: "rule"))
  var emaWarmup: AveragePlan.WarmUp?

  @Option(
    help: ArgumentHelp(
      "Polynomial-decay average: 0 for the mean, larger for more weight on the last snapshots.",
      valueName: "eta"))
  var polynomial: Double?

  @Option(
    help: ArgumentHelp(
      "After each snapshot the mean of the last k (LAWA).", valueName: "k"))
  var window: Int?

  @Option(
    help: ArgumentHelp(
      "Means of disjoint runs of k snapshots (IASG); what is left at the end is dropped.",
      valueName: "k"))
  var blocks: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Weight of each snapshot, such as 1,2,1.", valueName: "numbers"))
  var weights: NumberList?

  @Flag(help: "Write the average after each snapshot.")
  var running = false

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var checksums: ChecksumOptions
  @OptionGroup var format: StateDictOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var planning: PlanOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    try checksums.check(isHDF5: format.format(of: output) == nil)
    let methods = [
      ("--ema", ema != nil), ("--weights", weights != nil), ("--polynomial", polynomial != nil),
      ("--window", window != nil), ("--blocks", blocks != nil),
    ].filter(\.1).map(\.0)
    if methods.count > 1 {
      throw ValidationError("\(methods[0]) and \(methods[1]) exclude each other")
    }
    if let ema, !(ema >= 0 && ema < 1) {
      throw ValidationError("--ema must be at least 0 and less than 1")
    }
    if debias && ema == nil { throw ValidationError("--debias needs --ema") }
    if emaWarmup != nil {
      if ema == nil { throw ValidationError("--ema-warmup needs --ema") }
      if debias { throw ValidationError("--ema-warmup and --debias exclude each other") }
    }
    if let polynomial, !(polynomial >= 0 && polynomial.isFinite) {
      throw ValidationError("--polynomial must be 0 or a positive number")
    }
    if let window, !(1...100_000).contains(window) {
      throw ValidationError("--window must be from 1 to 100000")
    }
    if let blocks, blocks < 1 { throw ValidationError("--blocks must be at least 1") }
    let several = running ? "--running" : window != nil ? "--window" : "--blocks"
    guard running || window != nil || blocks != nil else { return }
    if running && (window != nil || blocks != nil) {
      throw ValidationError(
        "--running and \(methods[0]) exclude each other: \(methods[0]) gives several averages")
    }
    if try format.format(of: output) != nil {
      throw ValidationError(
        "\(several) gives several snapshots, for which -o must be a weight file")
    }
  }

  func execute() throws {
    threads.apply()
    try output.check(inputs: runs.isEmpty ? ["-"] : runs)
    let input = try SnapshotSequence(runs.isEmpty ? ["-"] : runs, selection: selection.selection)
    let plan = try self.plan(count: input.count)
    let history = output.history(of: input.histories)
    if planning.plan { return try planning.print(planned(input, plan, history)) }
    let progress = ProgressBar(
      "averaging", total: input.layout.count, unit: "weights", quiet: quiet.quiet)
    func average(into output: WeightAverage.Output) throws {
      try WeightAverage(of: input, plan, into: output).run(memory: memory.memory.bytes) {
        progress.advance(by: $0)
      }
      progress.clear()
    }
    if !quiet.quiet, let words = try input.differenceOfCarried() {
      StandardError.write("swa-avg: \(words)\n")
    }
    if let format = try self.format.format(of: output) {
      let result = try StateDictWriter(
        to: checksums.applied(to: output.target), format: format,
        contents: self.format.contents(
          of: input, statistics: false, format: format, history: history))
      try average(
        into: .doubles { _, columns, values in
          try result.writeColumns(columns, from: values)
        })
      return try result.finish()
    }
    // Of the snapshots' numbers, those that still hold for an average up to there.
    let columns = ["step", "epoch"].filter { column in
      (0..<input.count).allSatisfy { input.number(column, of: $0) != nil }
    }
    let result = try TrajectoryWriter(
      to: checksums.applied(to: output.target), layout: input.layout,
      architecture: input.architecture,
      history: history, columns: columns + ["averaged"], carried: input.carried,
      snapshots: plan.outputs.count)
    try average(
      into: .floats { i, columns, values in
        try result.writeColumns(columns, of: i, from: values)
      })
    for (i, average) in plan.outputs.enumerated() {
      let numbers = columns.map { input.number($0, of: average.vector) ?? .nan }
      try result.setColumns(numbers + [Double(average.count)], of: i)
    }
    try result.finish()
    if let blocks, input.count % blocks > 0, !quiet.quiet {
      StandardError.write(
        "swa-avg: the last \(input.count % blocks) of \(input.count) snapshots are in no block of"
          + " \(blocks)\n")
    }
  }

  /// - Throws: a usage error where the options do not fit so many snapshots.
  private func plan(count: Int) throws -> AveragePlan {
    if let ema {
      return debias
        ? .debiasedExponential(count: count, decay: ema, running: running)
        : .exponential(count: count, decay: ema, warmUp: emaWarmup, running: running)
    }
    if let polynomial { return .polynomial(count: count, eta: polynomial, running: running) }
    if let window { return .windows(count: count, length: window) }
    if let blocks {
      guard count >= blocks else {
        throw usageError("--blocks \(blocks) has no block in \(count) snapshots")
      }
      return .blocks(count: count, length: blocks)
    }
    guard let weights = weights?.numbers else { return .uniform(count: count, running: running) }
    guard weights.count == count else {
      throw usageError("--weights has \(weights.count) numbers for \(count) snapshots")
    }
    do {
      return try .weighted(weights, running: running)
    } catch let problem as AveragePlan.VanishingWeights {
      throw usageError(
        problem.count == count
          ? "--weights add up to zero"
          : "the first \(problem.count) of --weights add up to zero, so there is no running average"
      )
    }
  }
}

/// Numbers separated by commas.
struct NumberList: ExpressibleByArgument {
  let numbers: [Double]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Double($0) }
    guard numbers.count == parts.count, numbers.allSatisfy(\.isFinite) else { return nil }
    self.numbers = numbers
  }
}

extension AveragePlan.WarmUp: ExpressibleByArgument {}
