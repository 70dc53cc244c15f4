import ArgumentParser
import Datasets
import Files
import Machine
import ToolSupport

/// Makes data sets: from pictures, arrays, idx, CIFAR and text files, from a seed, or parts of others.
@main struct NnData: Tool {
  static let configuration = CommandConfiguration(
    commandName: "nn-data",
    abstract: "Make data sets for the other tools.",
    discussion: """
      The result is an HDF5 file with inputs, targets and the constants to normalise them by. \
      gzipped files are read as they are.
      """,
    version: versionText(of: "nn-data"),
    subcommands: [
      Idx.self, CIFAR10.self, CIFAR100.self, Images.self, NPY.self, NPZ.self, CSV.self, Synth.self,
      Select.self,
    ])

  func execute() throws {
    throw usageError(
      "Name a kind of source: images, npy, npz, idx, cifar10, cifar100, csv, synth or select.")
  }
}

/// How the result is normalised and written.
struct ResultOptions: ParsableArguments {
  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "Take the constants for normalisation (and the classes of csv) from this data set.",
      valueName: "data"))
  var normalizeLike: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Means to normalise by, one per channel or feature (bytes: on the 0–1 scale).",
      valueName: "m,…"))
  var mean: NumberList?

  @Option(
    help: ArgumentHelp("Standard deviations to normalise by.", valueName: "s,…"))
  var std: NumberList?

  @Flag(help: "Leave the targets out, or expect none.") var unlabelled = false

  @Option(help: ArgumentHelp("Compress the inputs, 1 (fast) to 9 (small).", valueName: "level"))
  var compress: Int?

  @OptionGroup var planning: PlanOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    if (mean == nil) != (std == nil) { throw ValidationError("--mean and --std go together") }
    if mean != nil && normalizeLike != nil {
      throw ValidationError("--normalize-like and --mean exclude each other")
    }
    if let std, !std.values.allSatisfy({ $0 > 0 }) {
      throw ValidationError("--std must be positive")
    }
    if let compress, !(1...9).contains(compress) {
      throw ValidationError("--compress must be 1 to 9")
    }
  }

  /// Refuses an output that must not be replaced.
  func check(inputs: [String?]) throws { try output.check(inputs: inputs + [normalizeLike]) }

  /// The data set whose constants are asked for.
  func model() throws -> Dataset? {
    try normalizeLike.map { try Dataset.read($0, anyTargets: true, withInputs: false) }
  }

  /// A line on standard error about a file that could have been meant otherwise.
  func remark(_ words: String) {
    if !quiet.quiet { StandardError.write("nn-data: \(words)\n") }
  }

  /// What this run would take beyond what it has by now.
  ///
  /// - Parameters:
  ///   - rows: how many rows are still to be read, of those that are known.
  ///   - isGathered: whether they are taken from among others.
  func planned(_ part: Dataset, rows: Int = 0, isGathered: Bool = false) -> RunPlan {
    var plan = RunPlan("making a data set")
    plan.read(part.inputBytes + part.targetBytes)
    if rows > 0 {
      plan.memory.add(part.inputBytes, "the inputs")
      if isGathered { plan.memory.add(part.gatheringBytes, "rows that lie together") }
    }
    plan.outputBytes = part.fileBytes(history: output.history(of: [part.history]))
    // Constants and checks go over the inputs.
    plan.work += 1e-9 * part.inputBytes
    return plan
  }

  func planned(_ cost: PictureReading.Cost) -> RunPlan {
    var plan = RunPlan("reading pictures")
    plan.read(cost.inputBytes)
    plan.memory.add(cost.rowBytes, "rows")
    plan.memory.add(cost.pictureBytes, "pictures that are being decoded")
    plan.outputBytes = cost.outline.fileBytes(history: output.history(of: []))
    plan.work += cost.seconds
    return plan
  }

  /// What the options say of the constants of pictures.
  func constants(like model: Dataset?) -> InputConstants {
    if let model { return .like(model) }
    if let mean, let std { return .given(mean: mean.values, std: std.values) }
    return .computed
  }

  /// Sets the constants as the options say, computing them from the data where they say nothing and
  /// `computing` is true; then writes.
  func write(_ dataset: Dataset, like model: Dataset?, computing: Bool = true) throws {
    var dataset = unlabelled && dataset.isLabelled ? dataset.unlabelled : dataset
    if planning.plan { return try planning.print(planned(dataset)) }
    if let model {
      try dataset.takeConstants(from: model)
    } else if let mean, let std {
      for (name, list) in [("--mean", mean), ("--std", std)]
      where list.values.count != 1 && list.values.count != dataset.channelCount {
        throw usageError(
          "\(name) has \(list.values.count) numbers, but there are \(dataset.channelCount) "
            + (dataset.isImages ? "channels" : "features"))
      }
      dataset.inputMean = mean.values
      dataset.inputStd = std.values
    } else if computing {
      dataset.computeConstants()
    }
    try dataset.write(
      to: output.output, history: output.history(of: [dataset.history]), compress: compress)
  }
}

/// How the axes and targets of arrays are meant.
struct ArrayOptions: ParsableArguments {
  enum Axes: String, EnumerableFlag {
    case channelsLast, channelsFirst

    static func help(for axes: Axes) -> ArgumentHelp? {
      switch axes {
      case .channelsLast: "Examples are [H, W, C]; they become [C, H, W]."
      case .channelsFirst: "Examples are [C, H, W], also where they do not look so."
      }
    }
  }

  @Flag(exclusivity: .exclusive) var axes: Axes?

  @Flag(help: "Targets are rows of zeros with one 1, whose place is the class.") var oneHot = false

  /// The data set as the options say it is meant.
  ///
  /// - Parameter refuses: for arrays, the targets of which are read as they are meant: whether axes that
  ///   look unlike [C, H, W] are an error where no option says what they are; otherwise `remark` is told.
  func applied(to dataset: Dataset, refuses: Bool, remark: (String) -> Void) throws -> Dataset {
    var dataset = dataset
    if let words = dataset.channelsRemark(), axes == nil {
      guard !refuses else {
        throw FileError(
          .wrongData, file: dataset.name, words + ", --channels-first leaves them as they are")
      }
      remark("\(dataset.name): \(words)")
    }
    if axes == .channelsLast { dataset = try dataset.movingChannelsFirst() }
    return oneHot && !refuses ? try dataset.takingOneHot() : dataset
  }
}

/// Numbers separated by commas.
struct NumberList: ExpressibleByArgument {
  let values: [Float]

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false)
      .map { Float($0) }
    guard numbers.allSatisfy({ $0?.isFinite == true }) else { return nil }
    values = numbers.map { $0! }
  }
}
