import ArgumentParser

/// Arguments that no command knows: a misspelt option or subcommand. The parser often blames something
/// else for them, such as the value that is missing because its option is misspelt.
enum MisspeltArguments {
  /// What is wrong with the first of them, nil where all names are known.
  ///
  /// - Parameter root: the command with its subcommands, if any.
  static func problem(in arguments: some Collection<String>, of root: any ParsableCommand.Type)
    -> String?
  {
    let subcommands = root.configuration.subcommands
    var command: any ParsableCommand.Type = root
    if let first = arguments.first, !subcommands.isEmpty, !first.hasPrefix("-"), first != "help" {
      guard let found = subcommands.first(where: { $0._commandName == first }) else {
        let names = subcommands.map { $0._commandName }
        return "there is no subcommand '\(first)'\(suggestion(for: first, among: names)); they are "
          + names.joined(separator: ", ")
      }
      command = found
    }
    let known = options(of: command) + ["--help", "--version", "--generate-completion-script"]
    for argument in arguments.prefix(while: { $0 != "--" }) where argument.hasPrefix("--") {
      let name = String(argument.prefix { $0 != "=" })
      if !known.contains(name), !name.hasPrefix("--experimental-") {
        return "unknown option '\(name)'\(suggestion(for: name, among: known))"
      }
    }
    return nil
  }

  /// The long options that the help of a command names.
  private static func options(of command: any ParsableCommand.Type) -> [String] {
    let help = command.helpMessage(includeHidden: true, columns: 10_000)
    return help.split { !($0.isLetter || $0.isNumber || $0 == "-") }.filter {
      $0.hasPrefix("--") && $0.count > 2
    }.map(String.init)
  }

  private static func suggestion(for word: String, among names: [String]) -> String {
    let nearest = names.map { (name: $0, distance: distance(word, $0)) }.min {
      $0.distance < $1.distance
    }
    guard let nearest, nearest.distance <= max(1, word.count / 3) else { return "" }
    return "; did you mean '\(nearest.name)'?"
  }

  /// The number of letters to insert, delete or change.
  private static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    var row = Array(0...b.count)
    for i in a.indices {
      var corner = row[0]
      row[0] = i + 1
      for j in b.indices {
        let above = row[j + 1]
        row[j + 1] = min(corner + (a[i] == b[j] ? 0 : 1), above + 1, row[j] + 1)
        corner = above
      }
    }
    return row[b.count]
  }
}
