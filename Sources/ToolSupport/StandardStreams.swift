import Files
import Glibc

/// Text to standard output, unbuffered, with errors reported.
public enum StandardOutput {
  /// - Throws: `FileError` of kind `inputOutput`, such as on a full disk; `ClosedPipe`.
  public static func write(_ text: String) throws {
    try requireOpen()
    try unsafe Array(text.utf8).withUnsafeBytes {
      try unsafe BlockingTransfer.write($0, to: 1, file: "standard output")
    }
  }

  /// - Throws: `FileError` of kind `inputOutput` where nobody can get what is written.
  public static func requireOpen() throws {
    guard !StandardDescriptors.isClosed(1) else {
      throw FileError(
        .inputOutput, file: "standard output", "is closed; send it to a file, or to /dev/null")
    }
  }

  public static var isTerminal: Bool { isatty(1) != 0 }
}

/// Text to standard error; failures are nobody's business.
public enum StandardError {
  public static func write(_ text: String) {
    unsafe Array(text.utf8).withUnsafeBytes {
      try? unsafe BlockingTransfer.write($0, to: 2, file: "standard error")
    }
  }

  public static var isTerminal: Bool { isatty(2) != 0 }
}
