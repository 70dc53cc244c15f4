import ArgumentParser
import Datasets
import ToolSupport

struct Idx: Tool {
  static let configuration = CommandConfiguration(
    abstract: "From pairs of idx files: MNIST and its relatives.")

  @Argument(help: "Images, then their labels; several pairs follow one another.")
  var files: [String]

  @OptionGroup var result: ResultOptions

  func validate() throws {
    if files.count % 2 != 0 { throw ValidationError("Give each images file its labels file.") }
  }

  func execute() throws {
    try result.check(inputs: files)
    let pairs = stride(from: 0, to: files.count, by: 2).map { (files[$0], files[$0 + 1]) }
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
    let dataset = kind.dataset(count: count ?? kind.defaultCount, seed: seed.seed)
    try result.write(dataset, like: result.model(), computing: kind == .digits)
  }
}

extension Synthetic: ExpressibleByArgument {}
