import ArgumentParser
import Datasets
import ToolSupport

struct Idx: Tool {
  static let configuration = CommandConfiguration(
    abstract: "From pairs of idx files: MNIST and its relatives.")

  @Argument(
    help: "Images, then their labels; several pairs follow one another. --unlabelled: images only.")
  var files: [String]

  @OptionGroup var result: ResultOptions

  func validate() throws {
    if files.count % 2 != 0 && !result.unlabelled {
      throw ValidationError("Give each images file its labels file.")
    }
  }

  func execute() throws {
    try result.check(inputs: files)
    let pairs: [(images: String, labels: String?)] =
      result.unlabelled
      ? files.map { ($0, nil) }
      : stride(from: 0, to: files.count, by: 2).map { (files[$0], files[$0 + 1]) }
    try result.write(try .idx(pairs), like: result.model())
  }
}

struct CIFAR10: Tool {
  static let configuration = CommandConfiguration(
    commandName: "cifar10", abstract: "From files of the binary version of CIFAR-10.")

  @Argument(help: "Files, which follow one another.")
  var files: [String]

  @OptionGroup var result: ResultOptions

  func execute() throws {
    try result.check(inputs: files)
    try result.write(try .cifar(.cifar10, files: files), like: result.model())
  }
}

struct CIFAR100: Tool {
  static let configuration = CommandConfiguration(
    commandName: "cifar100", abstract: "From files of the binary version of CIFAR-100.")

  @Argument(help: "Files, which follow one another.")
  var files: [String]

  @Flag(help: "Take the 20 superclasses as targets.")
  var superclasses = false

  @OptionGroup var result: ResultOptions

  func execute() throws {
    try result.check(inputs: files)
    try result.write(
      try .cifar(.cifar100(superclasses: superclasses), files: files), like: result.model())
  }
}

struct NPY: Tool {
  static let configuration = CommandConfiguration(
    commandName: "npy", abstract: "From arrays as numpy.save writes them.")

  @Argument(help: "The inputs' array, and that of the targets where there is one.")
  var files: [String]

  @OptionGroup var targets: TargetOptions
  @OptionGroup var arrays: ArrayOptions
  @OptionGroup var result: ResultOptions

  func validate() throws {
    guard (1...2).contains(files.count) else {
      throw ValidationError("Give the array of the inputs, and that of the targets or none.")
    }
    try targets.check(arrays)
  }

  func execute() throws {
    try result.check(inputs: files)
    let dataset = try Dataset.npy(
      inputs: files[0], targets: files.count == 2 && !result.unlabelled ? files[1] : nil,
      kind: targets.kind(arrays))
    try targets.finish(dataset, arrays, result)
  }
}

struct NPZ: Tool {
  static let configuration = CommandConfiguration(
    commandName: "npz", abstract: "From an archive as numpy.savez writes it.",
    discussion: """
      Arrays called x and y, images and labels, inputs and targets, or data and target are known, \
      with the name of a split before or behind, such as x_train or train_images.
      """)

  @Argument(help: "The archive.")
  var file: String

  @Option(help: ArgumentHelp("The array of the inputs.", valueName: "key")) var inputs: String?
  @Option(
    name: .customLong("targets"), help: ArgumentHelp("That of the targets.", valueName: "key"))
  var targetsKey: String?
  @Option(help: ArgumentHelp("Which split, such as train or test.", valueName: "name"))
  var split: String?

  @OptionGroup var targets: TargetOptions
  @OptionGroup var arrays: ArrayOptions
  @OptionGroup var result: ResultOptions

  func validate() throws { try targets.check(arrays) }

  func execute() throws {
    try result.check(inputs: [file])
    let dataset = try Dataset.npz(
      file, inputs: inputs, targets: targetsKey, split: split, unlabelled: result.unlabelled,
      kind: targets.kind(arrays))
    try targets.finish(dataset, arrays, result)
  }
}

/// What the numbers of a targets' array are, where their type does not say it.
struct TargetOptions: ParsableArguments {
  enum Task: String, EnumerableFlag {
    case classification, regression

    static func help(for task: Task) -> ArgumentHelp? {
      switch task {
      case .classification: "Targets are classes, also where they are floats."
      case .regression: "Targets are numbers to predict, also where they are integers."
      }
    }
  }

  @Flag(exclusivity: .exclusive) var task: Task?

  func check(_ arrays: ArrayOptions) throws {
    if arrays.oneHot && task == .regression {
      throw ValidationError("--one-hot and --regression exclude each other")
    }
  }

  func kind(_ arrays: ArrayOptions) -> TargetKind {
    if arrays.oneHot { return .oneHot }
    return task.map { $0 == .regression ? .regression : .classification } ?? .asStored
  }

  /// Writes what was read, and says what could have been meant otherwise.
  func finish(_ dataset: Dataset, _ arrays: ArrayOptions, _ result: ResultOptions) throws {
    if !dataset.isLabelled && !result.unlabelled {
      result.remark("\(dataset.name): without targets, which training and evaluation need")
    }
    if task == nil, let words = dataset.targetsRemark() {
      result.remark("\(dataset.name): \(words)")
    }
    let model = try result.model()
    try result.write(
      try arrays.applied(to: dataset, refuses: true, remark: result.remark), like: model)
  }
}

struct CSV: Tool {
  static let configuration = CommandConfiguration(
    commandName: "csv",
    abstract: "From a text table with one example a row.",
    discussion: "Commas, tabs, semicolons or blanks, with or without a header.")

  @Argument(help: "The table; standard input by default.")
  var file: String = "-"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The target's column, by name or index from 0; -1 is the last. Several for --regression.",
      valueName: "column,…"))
  var target: String = "-1"

  @Flag(help: "The target is a number to predict, not a class.")
  var regression = false

  @OptionGroup var header: HeaderOptions
  @OptionGroup var result: ResultOptions

  func validate() throws {
    if target.contains(",") && !regression {
      throw ValidationError("a classification has one target column")
    }
  }

  func execute() throws {
    try result.check(inputs: [file])
    let model = try result.model()
    let dataset = try Dataset.csv(
      file, targets: target.split(separator: ",").map { String($0) },
      task: regression ? .regression : .classification(classNames: model?.classNames),
      header: header.rule, note: { StandardError.write("nn-data: \($0)\n") })
    try result.write(dataset, like: model)
  }
}

struct Synth: Tool {
  static let configuration = CommandConfiguration(
    abstract: "From a seed: no download.",
    discussion: """
      digits: 28 × 28 images, hard enough that an over-fitted network is over-confident. \
      spirals: two classes in the plane. sinusoid: a regression with gaps between its data. \
      Sets of different seeds are independent draws of one distribution.
      """)

  @Argument(help: "digits, spirals or sinusoid.")
  var kind: Synthetic

  @Option(
    help: ArgumentHelp(
      "How many examples (default: 10000 digits, 2000 spirals, 400 sinusoid).", valueName: "n"))
  var count: Int?

  @OptionGroup var seed: SeedOptions
  @OptionGroup var result: ResultOptions

  func validate() throws {
    if let count, count < 1 || count > 10_000_000 {
      throw ValidationError("--count must be 1 to 10000000")
    }
  }

  func execute() throws {
    try result.check(inputs: [])
    let count = count ?? kind.defaultCount
    if result.planning.plan {
      return try result.planning.print(result.planned(kind.outline(count: count), rows: count))
    }
    let dataset = kind.dataset(count: count, seed: seed.seed)
    try result.write(dataset, like: result.model(), computing: kind == .digits)
  }
}

extension Synthetic: ExpressibleByArgument {}
