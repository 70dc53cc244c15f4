import ArgumentParser
import TrajectoryFiles

/// `--only`, `--drop`, `--rename`, `--statistics`: which tensors of each input, as what, under which
/// names.
public struct TensorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Take only tensors whose names match, such as 'encoder.*'; may be repeated.",
      valueName: "glob"))
  public var only: [String] = []

  @Option(
    help: ArgumentHelp(
      "Leave out tensors whose names match; may be repeated.", valueName: "glob"))
  public var drop: [String] = []

  @Option(
    help: ArgumentHelp(
      "Take tensors whose names match for running statistics; may be repeated.",
      valueName: "glob"))
  public var statistics: [String] = []

  @Option(
    help: ArgumentHelp(
      "Replace each match of a regular expression in names, such as '^net\\.='; may be repeated.",
      valueName: "regex=text"))
  public var rename: [RenamingArgument] = []

  public init() {}

  public var rules: TensorRules {
    var rules = TensorRules()
    (rules.only, rules.drop, rules.statistics) = (only, drop, statistics)
    rules.renames = rename.map(\.renaming)
    return rules
  }
}

/// REGEX=TEXT; the last equals sign ends the expression.
public struct RenamingArgument: ExpressibleByArgument, Sendable {
  public let renaming: TensorRules.Renaming

  public init?(argument: String) {
    guard let place = argument.lastIndex(of: "="), place > argument.startIndex else { return nil }
    let text = String(argument[argument.index(after: place)...])
    let renaming = TensorRules.Renaming(pattern: String(argument[..<place]), text: text)
    guard renaming.isValid, !text.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
      return nil
    }
    self.renaming = renaming
  }
}
