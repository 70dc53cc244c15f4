/// A text from outside, such as a name in a file, as a message shows it: in one line, without characters
/// that a terminal would obey, and cut in the middle where it is long.
///
/// - Parameter limit: how many bytes are left of it; a few more where it is cut.
public func shown(_ text: String, atMost limit: Int = 200) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    if isPrinted(scalar) {
      result.append(scalar)
    } else {
      result.append(contentsOf: escape(of: scalar).unicodeScalars)
    }
  }
  return cut(String(result), atMost: limit)
}

/// Whether a scalar does no more than show itself: no control characters of ASCII or beyond, no ends of
/// lines or paragraphs, nothing that turns the direction of text.
private func isPrinted(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7f..<0xa0, 0x2028...0x202e, 0x2066...0x2069: false
  default: true
  }
}

private func escape(of scalar: Unicode.Scalar) -> String {
  switch scalar {
  case "\n": "\\n"
  case "\t": "\\t"
  case "\r": "\\r"
  default: "\\u{" + String(scalar.value, radix: 16) + "}"
  }
}

private func cut(_ text: String, atMost limit: Int) -> String {
  guard text.utf8.count > limit else { return text }
  func half(_ scalars: some Sequence<Unicode.Scalar>) -> [Unicode.Scalar] {
    var bytes = 0
    return scalars.prefix {
      bytes += String($0).utf8.count
      return bytes <= limit / 2
    }
  }
  var result = String.UnicodeScalarView(half(text.unicodeScalars))
  result.append("…")
  result.append(contentsOf: half(text.unicodeScalars.reversed()).reversed())
  return String(result)
}
