/// Whether the first record of a text table names its columns.
public enum TableHeader: Sendable {
  /// It does, or it does not.
  case present, absent
  /// As the first two records look.
  case guess

  public var isGuess: Bool { if case .guess = self { true } else { false } }

  /// What was decided of a table.
  public struct Decision: Equatable, Sendable {
    public let isHeader: Bool
    /// What to tell the user where the first record could be taken otherwise.
    public let note: String?
  }

  /// Decides by the first two records; `second` is nil where there is only one.
  ///
  /// Words alone are names where a number stands below one of them, or nothing at all below. Numbers
  /// are names only where they count up in whole ones, as data frames name columns, and fractions
  /// stand below: from 0 where no word is beside them. Where words and numbers are mixed, the first
  /// record holds names if a number stands below a word; what is left out of data (nothing, ?, NA,
  /// NaN, null, None, -) is no word.
  public func decision(
    first: [DelimitedText.Field], second: [DelimitedText.Field]?
  ) -> Decision {
    switch self {
    case .present: return Decision(isHeader: true, note: nil)
    case .absent: return Decision(isHeader: false, note: nil)
    case .guess: break
    }
    let kinds = first.map(Kind.init)
    let below = second?.map(Kind.init)
    let hasWords = kinds.contains(.word)
    let numbers = kinds.indices.filter { kinds[$0].isNumber }
    let namesNumbers = kinds.indices.contains {
      kinds[$0] == .word && below?[$0].isNumber ?? false
    }
    if numbers.isEmpty {
      return Decision(isHeader: hasWords && (below == nil || namesNumbers), note: nil)
    }
    guard let below else { return Decision(isHeader: false, note: nil) }
    let counts = numbers.map { Int(first[$0].text) ?? -1 }
    let countUp = zip(counts, counts.dropFirst()).allSatisfy { $1 == $0 + 1 }
    let isCounted =
      countUp && counts[0] >= 0 && numbers.allSatisfy { kinds[$0] == .whole }
      && numbers.contains { below[$0] == .fraction }
      && (hasWords ? numbers.allSatisfy { below[$0] == .fraction } : counts[0] == 0)
    guard namesNumbers || isCounted else { return Decision(isHeader: false, note: nil) }
    return Decision(isHeader: true, note: Self.note(line: first[0].line))
  }

  /// What to tell the user of a header that could be data.
  public static func note(line: Int) -> String {
    "line \(line) is taken for the columns' names; --no-header takes it for data"
  }

  private enum Kind {
    case whole, fraction, word, missing

    init(_ field: DelimitedText.Field) {
      let text = field.text
      if isMissing(text) {
        self = .missing
      } else if let number = field.number {
        // As digits: 1.0 and 1e0 are no names of columns.
        self = number.isFinite && Int(text) != nil ? .whole : .fraction
      } else {
        self = .word
      }
    }

    var isNumber: Bool { self == .whole || self == .fraction }
  }
}

/// Whether a field stands for a value that is not there.
public func isMissing(_ field: String) -> Bool {
  ["", "?", "na", "n/a", "nan", "null", "none", "-", "."].contains(field.lowercased())
}

/// The names of a table's columns, where it has a header, and their number.
public struct TableColumns: Sendable {
  public let names: [String]?
  public let count: Int

  public init(names: [String]?, count: Int) {
    self.names = names
    self.count = count
  }

  /// The number of the column of that name, or of that index, from 0; −1 is the last. Nil where there
  /// is none.
  public func index(of word: String) -> Int? {
    if let index = names?.firstIndex(of: word) { return index }
    guard let number = Int(word), (-count..<count).contains(number) else { return nil }
    return number < 0 ? count + number : number
  }

  /// For messages about a column that is not there.
  public var listing: String {
    names.map { "the columns are \($0.joined(separator: ", "))" } ?? "there are \(count)"
  }

  /// A column's name or number, for messages.
  public func label(_ column: Int) -> String { names.map { "'\($0[column])'" } ?? "\(column)" }
}
