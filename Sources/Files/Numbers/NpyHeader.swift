/// The head of an array in NumPy's format: a magic string, a version, and a Python dict in text that
/// says type, order and shape; the numbers follow.
///
///     {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
public struct NpyHeader {
  /// The type of the numbers, such as "<f4".
  public let descriptor: String
  public let isFortranOrder: Bool
  public let shape: [Int]
  /// Where the numbers begin.
  public let length: Int

  public struct Failure: Error { public let problem: String }

  /// Bytes that hold the length of the dict, or all of a short one.
  public static let prefixLength = 12
  private static let magic: [UInt8] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]

  /// The length of the whole head of an array that begins so.
  public static func length(_ prefix: [UInt8]) throws -> Int {
    guard prefix.count >= 10, prefix.starts(with: magic) else {
      throw Failure(problem: "is no NumPy array")
    }
    switch prefix[6] {
    case 1: return 10 + Int(prefix[8]) + Int(prefix[9]) << 8
    case 2, 3:
      guard prefix.count >= 12 else { throw Failure(problem: "is cut off") }
      return 12 + prefix[8..<12].reversed().reduce(0) { $0 << 8 | Int($1) }
    default: throw Failure(problem: "is of version \(prefix[6]) of NumPy's format, not 1 to 3")
    }
  }

  /// Reads a whole head.
  public init(_ bytes: [UInt8]) throws {
    guard try Self.length(bytes) <= bytes.count else { throw Failure(problem: "is cut off") }
    length = bytes.count
    let start = bytes[6] == 1 ? 10 : 12
    var text = Substring(String(decoding: bytes[start...], as: UTF8.self))
    var descriptor: String?
    var order: Bool?
    var shape: [Int]?
    guard Self.take("{", &text) else { throw Self.wrong }
    while !Self.take("}", &text) {
      let key = try Self.quoted(&text)
      guard Self.take(":", &text) else { throw Self.wrong }
      switch key {
      case "descr" where descriptor == nil:
        guard text.drop(while: \.isWhitespace).first != "[" else {
          throw Failure(problem: "is an array of records, not of numbers")
        }
        descriptor = try Self.quoted(&text)
      case "fortran_order" where order == nil:
        guard let word = ["True", "False"].first(where: { Self.take($0, &text) }) else {
          throw Self.wrong
        }
        order = word == "True"
      case "shape" where shape == nil: shape = try Self.tuple(&text)
      default: throw Self.wrong
      }
      if !Self.take(",", &text) {
        guard Self.take("}", &text) else { throw Self.wrong }
        break
      }
    }
    guard let descriptor, let order, let shape, text.allSatisfy(\.isWhitespace) else {
      throw Self.wrong
    }
    self.descriptor = descriptor
    isFortranOrder = order
    self.shape = shape
  }

  /// The head of an array in row-major order; a multiple of 64 bytes long.
  public static func bytes(descriptor: String, shape: [Int]) -> [UInt8] {
    let extents = shape.map(String.init).joined(separator: ", ")
    let tuple = shape.count == 1 ? "(\(extents),)" : "(\(extents))"
    var text = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': \(tuple), }"
    // A shape of very many axes needs the longer form, whose length has four bytes.
    let isLong = text.utf8.count > 60_000
    let start = isLong ? 12 : 10
    let padding = 63 - (start + text.utf8.count) % 64
    text += String(repeating: " ", count: padding) + "\n"
    let count = text.utf8.count
    let lengthBytes = (0..<(isLong ? 4 : 2)).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    return magic + [isLong ? 2 : 1, 0] + lengthBytes + Array(text.utf8)
  }

  private static let wrong = Failure(problem: "its NumPy header is damaged")

  private static func take(_ word: String, _ text: inout Substring) -> Bool {
    let rest = text.drop(while: \.isWhitespace)
    guard rest.hasPrefix(word) else { return false }
    text = rest.dropFirst(word.count)
    return true
  }

  private static func quoted(_ text: inout Substring) throws -> String {
    guard let quote = ["'", "\""].first(where: { take($0, &text) }),
      let end = text.firstIndex(of: Character(quote))
    else { throw wrong }
    let word = String(text[..<end])
    text = text[text.index(after: end)...]
    return word
  }

  private static func tuple(_ text: inout Substring) throws -> [Int] {
    guard take("(", &text) else { throw wrong }
    var numbers: [Int] = []
    while !take(")", &text) {
      text = text.drop(while: \.isWhitespace)
      let digits = text.prefix { $0.isASCII && $0.isNumber }
      if text.first == "-" { throw Failure(problem: "its shape has a negative extent") }
      guard let number = Int(digits) else { throw wrong }
      numbers.append(number)
      text = text.dropFirst(digits.count)
      if !take(",", &text) {
        guard take(")", &text) else { throw wrong }
        break
      }
    }
    return numbers
  }
}
