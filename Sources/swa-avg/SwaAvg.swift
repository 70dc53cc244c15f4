import ArgumentParser
import ToolSupport
import TrajectoryFiles

/// Averages weights over the snapshots of training runs.
@main struct SwaAvg: Tool {
  static let configuration = CommandConfiguration(
    commandName: "swa-avg",
    abstract: "Average weights over snapshots (SWA).",
    discussion: """
      The snapshots of all files, one after the other, are averaged with equal weights, with \
      --weights, or exponentially. The result has one snapshot, or with --running one for each \
      input snapshot. It has no running statistics: those of BatchNorm are stale after averaging, \
      and bn-update makes them anew. Files may be safetensors or npz too, and so is the result \
      if its name ends so. One pass over the input; memory does not grow with it.
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
    parsing: .unconditional,
    help: ArgumentHelp("Weight of each snapshot, such as 1,2,1.", valueName: "numbers"))
  var weights: NumberList?

  @Flag(help: "Write the average after each snapshot.")
  var running = false

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var format: StateDictOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    if ema != nil && weights != nil {
      throw ValidationError("--ema and --weights exclude each other")
    }
    if let ema, !(ema >= 0 && ema < 1) {
      throw ValidationError("--ema must be at least 0 and less than 1")
    }
    if debias && ema == nil { throw ValidationError("--debias needs --ema") }
    if running, try format.format(of: output) != nil {
      throw ValidationError("--running gives several snapshots, for which -o must be a weight file")
    }
  }

  private var averaging: Averaging {
    if let ema { return .exponential(decay: ema, debiased: debias) }
    return weights.map { .weighted($0.numbers) } ?? .uniform
  }

  func execute() throws {
    threads.apply()
    let input = try SnapshotSequence(runs.isEmpty ? ["-"] : runs, selection: selection.selection)
    let steps = try averaging.steps(count: input.count, running: running)
    let history = output.history(of: input.histories)
    let progress = ProgressBar(
      "averaging", total: input.layout.count, unit: "weights", quiet: quiet.quiet)
    func average(into output: AverageOutput) throws {
      let average = WeightAverage(input: input, steps: steps, running: running, output: output)
      try average.run(memory: memory.memory.bytes, progress: progress)
      progress.clear()
    }
    if let format = try self.format.format(of: output) {
      let result = try StateDictWriter(
        to: output.target, format: format,
        contents: self.format.contents(
          of: input, statistics: false, format: format, history: history))
      try average(into: .stateDict(result))
      return try result.finish()
    }
    // Of the snapshots' numbers, those that still hold for an average up to there.
    let columns = ["step", "epoch"].filter { column in
      (0..<input.count).allSatisfy { input.number(column, of: $0) != nil }
    }
    let result = try TrajectoryWriter(
      to: output.target, layout: input.layout, architecture: input.architecture,
      history: history, columns: columns + ["averaged"],
      snapshots: running ? input.count : 1)
    try average(into: .trajectory(result))
    for t in running ? 0..<input.count : (input.count - 1)..<input.count {
      let numbers = columns.map { input.number($0, of: t) ?? .nan } + [Double(t + 1)]
      try result.setColumns(numbers, of: running ? t : 0)
    }
    try result.finish()
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
