import Files
import Glibc

/// Which tensors of a file are taken, as what, and under which names: rules by patterns of names.
///
/// Patterns are globs, in which `*` stands for any characters, dots and slashes too, `?` for one and
/// `[…]` for one of several; all are of the names in the file.
public struct TensorRules: Sendable, Equatable {
  /// A regular expression, and what stands in the place of each match.
  public struct Renaming: Sendable, Equatable {
    public let pattern: String
    /// `\1` to `\9` are the expression's groups, `\0` the whole match.
    public let text: String

    public init(pattern: String, text: String) {
      self.pattern = pattern
      self.text = text
    }
  }

  /// Only what matches one of them is taken; all where there is none.
  public var only: [String] = []
  /// What matches one of them is not.
  public var drop: [String] = []
  /// What matches one of them is a running statistic.
  public var statistics: [String] = []
  /// Applied to each name one after the other, when all else is done.
  public var renames: [Renaming] = []

  public init() {}

  public var isEmpty: Bool { self == TensorRules() }

  /// Whether a tensor of that name is taken.
  func takes(_ name: String) -> Bool {
    (only.isEmpty || only.contains { Self.matches(name, $0) })
      && !drop.contains { Self.matches(name, $0) }
  }

  func isStatistic(_ name: String) -> Bool { statistics.contains { Self.matches(name, $0) } }

  /// - Throws: `FileError` of kind `wrongData` for a pattern that matches none of the names: a slip.
  func check(_ names: [String], of file: String) throws {
    for (option, patterns) in [("only", only), ("drop", drop), ("statistics", statistics)] {
      for pattern in patterns where !names.contains(where: { Self.matches($0, pattern) }) {
        throw FileError(
          .wrongData, file: file, "--\(option) \(shown(pattern)) matches no tensor's name")
      }
    }
  }

  static func matches(_ name: String, _ pattern: String) -> Bool {
    unsafe fnmatch(pattern, name, 0) == 0
  }
}

extension TensorRules.Renaming {
  /// Whether the expression is one.
  public var isValid: Bool { (try? Regex(pattern)) != nil }

  /// A function that gives names their new form.
  ///
  /// - Throws: where the expression is none.
  static func function(of renames: [Self]) throws -> (String) -> String {
    let steps = try renames.map { (try Regex($0.pattern), $0.text) }
    return { name in
      steps.reduce(name) { name, step in
        name.replacing(step.0) { match in
          Self.expanded(step.1) { i in
            i < match.output.count ? match.output[i].substring.map(String.init) ?? "" : ""
          }
        }
      }
    }
  }

  /// The text with what groups have matched.
  private static func expanded(_ text: String, _ group: (Int) -> String) -> String {
    var result = ""
    var isEscaped = false
    for character in text {
      if isEscaped {
        let number = character.isASCII ? character.wholeNumberValue : nil
        result += number.map(group) ?? String(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else {
        result.append(character)
      }
    }
    return result
  }
}
