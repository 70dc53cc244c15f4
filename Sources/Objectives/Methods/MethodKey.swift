/// A number, a switch or a word that a method takes, declared beside the method.
public struct MethodKey: Sendable {
  /// What values are allowed.
  public enum Domain: Sendable, Equatable {
    /// Numbers from `lowest` to `highest`; where `open`, without the ends.
    case number(ClosedRange<Double>, open: Bool)
    /// Whole numbers.
    case integer(ClosedRange<Int>)
    /// `true` or `false`, also written 1 and 0.
    case flag
    case word([String])
  }

  public let name: String
  /// In the grammar of the command line; nil where the key must be given.
  public let standard: String?
  public let domain: Domain
  public let help: String

  public static func number(
    _ name: String, _ standard: Double?, in range: ClosedRange<Double>, open: Bool = false,
    _ help: String
  ) -> MethodKey {
    MethodKey(
      name: name, standard: standard.map(text), domain: .number(range, open: open), help: help)
  }

  public static func positive(_ name: String, _ standard: Double?, _ help: String) -> MethodKey {
    number(name, standard, in: 0...Double.greatestFiniteMagnitude, open: true, help)
  }

  /// A number from 0 on.
  public static func nonNegative(
    _ name: String, _ standard: Double?, _ help: String
  ) -> MethodKey { number(name, standard, in: 0...Double.greatestFiniteMagnitude, help) }

  /// A number from 0 up to but not including 1, as an average's share of the past is.
  public static func share(_ name: String, _ standard: Double?, _ help: String) -> MethodKey {
    number(name, standard, in: 0...(1.0).nextDown, help)
  }

  public static func integer(
    _ name: String, _ standard: Int?, in range: ClosedRange<Int>, _ help: String
  ) -> MethodKey {
    MethodKey(
      name: name, standard: standard.map { "\($0)" }, domain: .integer(range), help: help)
  }

  public static func flag(_ name: String, _ standard: Bool, _ help: String) -> MethodKey {
    MethodKey(name: name, standard: "\(standard)", domain: .flag, help: help)
  }

  public static func word(
    _ name: String, _ standard: String?, of words: [String], _ help: String
  ) -> MethodKey {
    MethodKey(name: name, standard: standard, domain: .word(words), help: help)
  }

  /// A number as a user would write it: without `.0`.
  private static func text(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }

  /// What may be given, in words.
  public var domainText: String {
    switch domain {
    case .number(let range, let open):
      let edge = open ? ("above ", "below ") : ("at least ", "at most ")
      let low = range.lowerBound > -.greatestFiniteMagnitude
      let high = range.upperBound < .greatestFiniteMagnitude
      let words =
        (low
          ? [range.lowerBound == (0.0).nextUp ? "above 0" : edge.0 + Self.text(range.lowerBound)]
          : [])
        + (high
          ? [range.upperBound == (1.0).nextDown ? "below 1" : edge.1 + Self.text(range.upperBound)]
          : [])
      return words.isEmpty ? "a number" : "a number " + words.joined(separator: " and ")
    case .integer(let range):
      let high = range.upperBound < Int.max
      return high
        ? "a whole number from \(range.lowerBound) to \(range.upperBound)"
        : "a whole number from \(range.lowerBound) on"
    case .flag: return "true or false"
    case .word(let words): return words.joined(separator: " or ")
    }
  }

  /// The value as it is kept, nil where it is not allowed.
  func parse(_ text: String) -> MethodValue? {
    switch domain {
    case .number(let range, let open):
      guard let number = Double(text), number.isFinite, range.contains(number),
        !(open && (number == range.lowerBound || number == range.upperBound))
      else { return nil }
      return .number(number)
    case .integer(let range):
      guard let number = Int(text), range.contains(number) else { return nil }
      return .integer(number)
    case .flag:
      return ["true": true, "1": true, "false": false, "0": false][text].map { .flag($0) }
    case .word(let words): return words.contains(text) ? .word(text) : nil
    }
  }
}

/// A key's value.
public enum MethodValue: Sendable, Equatable, CustomStringConvertible {
  case number(Double)
  case integer(Int)
  case flag(Bool)
  case word(String)

  public var description: String {
    switch self {
    case .number(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .flag(let value): "\(value)"
    case .word(let value): value
    }
  }
}
