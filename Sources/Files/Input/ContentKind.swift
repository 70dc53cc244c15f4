import Glibc

/// What the first bytes say a file is that is not what was expected, in words that follow its name in
/// parentheses; nil where they say nothing.
public func kindOfContent(_ head: [UInt8]) -> String? {
  if head.starts(with: [0x89, 0x48, 0x44, 0x46]) { return "it is an HDF5 file" }
  if head.starts(with: [0x1f, 0x8b]) { return "it is gzipped" }
  if head.starts(with: [0x50, 0x4b, 3, 4]) {
    return "it is a zip archive, as PyTorch's .pt and NumPy's .npz are"
  }
  if head.starts(with: [0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc]) { return "it is a PyTorch checkpoint" }
  if head.starts(with: [0x93, 0x4e, 0x55, 0x4d]) { return "it is a NumPy array" }
  if head.starts(with: [0x80]) { return "it looks like a Python pickle" }
  if head.starts(with: [0, 0, 8]) { return "it looks like an idx file" }
  guard !head.isEmpty, head.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 >= 9 && $0 <= 13 }),
    let text = String(validating: completeScalars(head), as: UTF8.self)?.lowercased()
  else { return nil }
  if text.hasPrefix("version https://git-lfs") {
    return "it is a pointer of Git LFS; git lfs pull fetches the file that it stands for"
  }
  let first = text.drop { $0.isWhitespace || $0 == "\u{feff}" }
  if ["<!doctype", "<html", "<?xml", "<head", "<body"].contains(where: first.hasPrefix) {
    return "it is a web page; was the download an error?"
  }
  return "it looks like text"
}

/// How many bytes `kindOfContent` wants.
public let contentKindLength = 64

/// The bytes of whole characters: a head may end within one.
private func completeScalars(_ head: [UInt8]) -> ArraySlice<UInt8> {
  for count in 0..<min(4, head.count) {
    let part = head.dropLast(count)
    if String(validating: part, as: UTF8.self) != nil { return part }
  }
  return head[...]
}

extension PlainFile {
  /// What the file is instead of what was expected, as ` (words)`; empty where its first bytes say
  /// nothing.
  public var kindOfContent: String {
    guard let head = try? bytes(0..<min(contentKindLength, size)),
      let words = Files.kindOfContent(head)
    else { return "" }
    return " (\(words))"
  }
}
