import Files

/// Which arrays of an archive are inputs and targets: `x` and `y`, `images` and `labels`, `inputs` and
/// `targets`, `data` and `target`, and so on, in capitals too, before or behind the name of a split, as
/// in `x_train` and `train_images`.
struct ArrayChoice: Equatable {
  let inputs: String
  let targets: String?

  private static let inputNames = ["x", "images", "image", "inputs", "data", "features"]
  private static let targetNames = ["y", "labels", "label", "targets", "target"]
  private static let splits = ["train", "test", "val", "valid", "validation", "dev", "extra"]

  /// - Parameters:
  ///   - inputs, targets: names that are given; nil for the one that there is.
  ///   - split: only arrays of that split; nil for the one that there is.
  /// - Throws: `FileError` that lists what could be meant.
  init(
    _ names: [String], inputs: String?, targets: String?, split: String?, file: PlainFile
  ) throws {
    for name in [inputs, targets] {
      if let name, !names.contains(name) {
        throw file.problem("has no array \(name); its arrays are \(names.joined(separator: ", "))")
      }
    }
    let candidates = names.compactMap { Self.role($0, Self.inputNames, split: split) }
    let chosen: String
    // A split by its array; nil where the array is given by name and tells none.
    var ownSplit: String?
    if let inputs {
      chosen = inputs
      ownSplit = Self.role(inputs, Self.inputNames, split: split)?.split
    } else {
      guard candidates.count < 2 else {
        throw file.problem(
          "\(candidates.map(\.name).joined(separator: ", ")) could be the inputs; say which with"
            + " --split or --inputs and --targets")
      }
      guard let only = candidates.first else {
        throw file.problem(
          "no array is named like inputs\(split.map { " of \($0)" } ?? ""); say which of "
            + "\(names.joined(separator: ", ")) with --inputs and --targets")
      }
      (chosen, ownSplit) = (only.name, only.split)
    }
    self.inputs = chosen
    if let targets {
      self.targets = targets
      return
    }
    let found = names.compactMap { Self.role($0, Self.targetNames, split: split) }
      .filter { $0.name != chosen && $0.split == ownSplit }
    guard found.count < 2 else {
      throw file.problem(
        "\(found.map(\.name).joined(separator: ", ")) could be the targets; say which with --targets"
      )
    }
    self.targets = found.first?.name
  }

  /// What a name says: that it is one of `roles`, and of which split; nil where it says neither, or
  /// another split than the one that is wanted.
  private static func role(
    _ name: String, _ roles: [String], split wanted: String?
  ) -> (name: String, split: String?)? {
    let word = name.lowercased()
    if roles.contains(word) { return wanted == nil ? (name, nil) : nil }
    for split in wanted.map({ [$0.lowercased()] }) ?? splits {
      for separator in ["_", "/", ".", "-"] {
        for role in roles
        where word == "\(role)\(separator)\(split)" || word == "\(split)\(separator)\(role)" {
          return (name, split)
        }
      }
    }
    return nil
  }
}
