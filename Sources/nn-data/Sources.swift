import ArgumentParser
import Datasets
import Files
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

struct Images: Tool {
  static let configuration = CommandConfiguration(
    abstract: "From JPEG and PNG files: a folder for each class, a list, or tar files.",
    discussion: """
      Pictures become RGB, or grey with --grey; --size with --crop and --fit make them all of one \
      size, to the bit as torchvision does it on Pillow. Memory does not grow with their number.
      """)

  @Argument(help: "A folder with a folder for each class, or tar files of .jpg and .cls.")
  var paths: [String] = []

  @Option(
    help: ArgumentHelp(
      "Pictures named by a text table: file, label. Relative to the folder, or to the table's own.",
      valueName: "table"))
  var list: String?

  @Option(help: ArgumentHelp("Make the shorter side so long.", valueName: "n")) var size: Int?
  @Option(help: ArgumentHelp("Keep a square of that side in the middle.", valueName: "n"))
  var crop: Int?
  @Option(help: ArgumentHelp("Make both sides so long.", valueName: "n")) var fit: Int?
  @Flag(help: "One channel instead of three.") var grey = false
  @Flag(help: "Leave out what cannot be read, and say so.") var skipBad = false
  @OptionGroup var header: HeaderOptions
  @OptionGroup var result: ResultOptions

  func validate() throws {
    if paths.isEmpty && list == nil {
      throw ValidationError("Name a folder, tar files, or a --list.")
    }
    if list != nil && paths.count > 1 { throw ValidationError("--list goes with one folder.") }
    if size != nil && fit != nil { throw ValidationError("--size and --fit exclude each other") }
    for (name, side) in [("--size", size), ("--crop", crop), ("--fit", fit)] {
      if let side, !(1...8192).contains(side) {
        throw ValidationError("\(name) must be 1 to 8192")
      }
    }
    if let crop, let whole = size ?? fit, crop > whole {
      throw ValidationError("--crop must be at most --\(size == nil ? "fit" : "size")")
    }
  }

  func execute() throws {
    try result.check(inputs: paths + [list])
    result.threads.apply()
    let model = try result.model()
    let pictures = try pictures(
      known: model.flatMap { $0.classNames.isEmpty ? nil : $0.classNames })
    var reading = PictureReading()
    reading.framing.size = fit.map { .both($0) } ?? size.map { .shorter($0) } ?? .own
    reading.framing.crop = crop
    (reading.grey, reading.skipsBad, reading.compress) = (grey, skipBad, result.compress)
    reading.constants = result.constants(like: model)
    reading.history = result.output.history(of: [])
    if result.planning.plan {
      return try result.planning.print(result.planned(try reading.cost(of: pictures)))
    }
    let progress = ProgressBar(
      "reading", total: pictures.count, unit: "pictures", quiet: result.quiet.quiet)
    let outcome = try reading.write(
      pictures, to: result.output.output,
      skip: {
        progress.clear()
        result.remark("left out: \($0)")
      }, progress: { progress.update($0) })
    progress.clear()
    if !outcome.skipped.isEmpty {
      result.remark("left out \(outcome.skipped.count) of \(pictures.count) pictures")
    }
    if outcome.warned > 0 {
      result.remark(
        "\(outcome.warned) pictures are read but flawed, first \(outcome.firstWarning)")
    }
  }

  private func pictures(known: [String]?) throws -> PictureList {
    if let list {
      return try .list(
        list, folder: paths.first, header: header.rule, known: known,
        unlabelled: result.unlabelled)
    }
    if paths.count == 1, FolderTree.isFolder(paths[0]) {
      return try .folder(paths[0], known: known, unlabelled: result.unlabelled)
    }
    if let folder = paths.first(where: FolderTree.isFolder) {
      throw usageError("\(folder) is a folder: give one folder, or tar files")
    }
    return try .tars(paths, known: known, unlabelled: result.unlabelled)
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
      "The target's column, by name or index from 0; -1, the last, by default. Several for --regression.",
      valueName: "column,…"))
  var target: String?

  @Flag(help: "The target is a number to predict, not a class.")
  var regression = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Only these columns are features: names, indices, A:B (default: all but the target).",
      valueName: "column,…"))
  var features: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Leave these columns out.", valueName: "column,…"))
  var dropColumns: String?

  @Option(help: "Make features of words: one-hot or codes.")
  var categories: TableFeatures.Categories?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What is missing: drop its row, the column's mean, or a number.", valueName: "drop|mean|value"
    ))
  var missing: MissingValues?

  @Flag(help: "Numbers are written as 1,5.") var decimalComma = false

  @OptionGroup var header: HeaderOptions
  @OptionGroup var result: ResultOptions

  func validate() throws {
    if target?.contains(",") == true && !regression {
      throw ValidationError("a classification has one target column")
    }
  }

  func execute() throws {
    try result.check(inputs: [file])
    let model = try result.model()
    let names = model.flatMap { $0.classNames.isEmpty ? nil : $0.classNames }
    var table = TableFeatures()
    (table.chosen, table.dropped, table.categories) = (features, dropColumns, categories)
    table.missing = missing?.rule ?? .refused
    table.like = model
    let targets = target ?? (result.unlabelled ? "" : "-1")
    let dataset = try Dataset.csv(
      file, targets: targets.split(separator: ",").map { String($0) },
      task: regression ? .regression : .classification(classNames: names),
      features: table, header: header.rule, decimalComma: decimalComma, note: result.remark)
    try result.write(dataset, like: model)
  }
}

extension TableFeatures.Categories: ExpressibleByArgument {}

/// `drop`, `mean` or a number.
struct MissingValues: ExpressibleByArgument {
  let rule: TableFeatures.Missing

  init?(argument: String) {
    switch argument {
    case "drop": rule = .dropped
    case "mean": rule = .mean
    default:
      guard let value = Float(argument), value.isFinite else { return nil }
      rule = .value(value)
    }
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
