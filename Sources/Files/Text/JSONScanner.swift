/// Reads JSON text from front to back, taking what is expected as it comes, without a tree.
///
/// An object's members come in the text's order and as often as they stand there, so that a caller
/// can keep the order and refuse a name that is used twice. Cost: O(bytes).
public struct JSONScanner {
  /// What is wrong with the text, and at which byte.
  public struct Failure: Error {
    public let problem: String
    public let position: Int
  }

  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0
  private static let greatestDepth = 100

  /// A byte-order mark before the text is passed over.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The text if it is a JSON object, as what a file of ours says of its network is; nil for any other.
  public static func object(in text: String) -> String? {
    var scanner = JSONScanner(Array(text.utf8))
    do {
      try scanner.object { _, scanner in try scanner.skipValue() }
      try scanner.end()
      return text
    } catch { return nil }
  }

  /// Takes the word `null` if it comes next.
  public mutating func null() -> Bool {
    skipBlanks()
    guard bytes[position...].starts(with: "null".utf8) else { return false }
    position += 4
    return true
  }

  /// Calls `member` with each name of an object; it must read the value.
  public mutating func object(_ member: (String, inout JSONScanner) throws -> Void) throws {
    try enter("{", "an object")
    if !take("}") {
      repeat {
        let name = try string()
        guard take(":") else { throw failure("a colon is missing") }
        try member(name, &self)
      } while take(",")
      guard take("}") else { throw failure("a comma or } is missing") }
    }
    depth -= 1
  }

  /// Calls `element` for each element of an array; it must read the value.
  public mutating func array(_ element: (inout JSONScanner) throws -> Void) throws {
    try enter("[", "an array")
    if !take("]") {
      repeat { try element(&self) } while take(",")
      guard take("]") else { throw failure("a comma or ] is missing") }
    }
    depth -= 1
  }

  public mutating func string() throws -> String {
    guard take("\"") else { throw failure("a string is expected") }
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw failure("a string is not UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): text += String(try escaped()).utf8
      case 0..<0x20: throw failure("a control character in a string")
      default: text.append(byte)
      }
    }
    throw failure("a string has no end")
  }

  /// A number without sign, fraction or exponent.
  public mutating func wholeNumber() throws -> Int {
    skipBlanks()
    let start = position
    var value = 0
    while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10
    {
      let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isStillTooLarge) = product.addingReportingOverflow(Int(digit))
      if isTooLarge || isStillTooLarge { throw failure("a number is too large") }
      value = sum
      position += 1
    }
    let hasLeadingZero = position - start > 1 && bytes[start] == UInt8(ascii: "0")
    let goesOn = position < bytes.count && ".eE".utf8.contains(bytes[position])
    guard position > start, !hasLeadingZero, !goesOn else {
      throw failure("a whole number is expected")
    }
    return value
  }

  /// Passes over a value of any kind.
  public mutating func skipValue() throws {
    skipBlanks()
    guard position < bytes.count else { throw failure("the text ends too soon") }
    switch bytes[position] {
    case UInt8(ascii: "{"): try object { _, scanner in try scanner.skipValue() }
    case UInt8(ascii: "["): try array { scanner in try scanner.skipValue() }
    case UInt8(ascii: "\""): _ = try string()
    default:
      let start = position
      while position < bytes.count, Self.isPartOfWord(bytes[position]) { position += 1 }
      let word = String(decoding: bytes[start..<position], as: UTF8.self)
      guard ["true", "false", "null"].contains(word) || Double(word) != nil else {
        throw failure("a value is expected")
      }
    }
  }

  /// Checks that nothing but blanks follows.
  public mutating func end() throws {
    skipBlanks()
    if position < bytes.count { throw failure("text after the end") }
  }

  private static func isPartOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }

  private mutating func enter(_ bracket: Unicode.Scalar, _ what: String) throws {
    guard take(bracket) else { throw failure("\(what) is expected") }
    depth += 1
    if depth > Self.greatestDepth { throw failure("brackets are nested too deep") }
  }

  /// What stands behind a backslash.
  private mutating func escaped() throws -> Unicode.Scalar {
    guard position < bytes.count else { throw failure("a string has no end") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var value = try fourDigits()
      if value >> 10 == 0x36, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
        bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        let low = try fourDigits()
        guard low >> 10 == 0x37 else { throw failure("half a surrogate pair") }
        value = 0x10000 + (value & 0x3ff) << 10 + low & 0x3ff
      }
      guard let scalar = Unicode.Scalar(value) else { throw failure("half a surrogate pair") }
      return scalar
    default: throw failure("an unknown escape in a string")
    }
  }

  private mutating func fourDigits() throws -> UInt32 {
    let digits = bytes[position..<min(position + 4, bytes.count)]
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw failure("four hexadecimal digits are expected") }
    position += 4
    return value
  }

  /// Takes that character, after blanks, if it comes next.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipBlanks() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0a, 0x0d: position += 1
      default: return
      }
    }
  }

  private func failure(_ problem: String) -> Failure {
    Failure(problem: problem, position: position)
  }
}
