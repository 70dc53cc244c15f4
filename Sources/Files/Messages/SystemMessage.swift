import Glibc

/// The system's words for an error number, such as "No space left on device".
public func systemMessage(_ number: Int32) -> String {
  unsafe String(cString: strerror(number))
}

/// The same as a clause within a line: "no space left on device".
public func systemClause(_ number: Int32) -> String {
  let text = systemMessage(number)
  return text.prefix(1).lowercased() + text.dropFirst()
}
