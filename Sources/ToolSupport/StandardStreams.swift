import Glibc
import HDF5

/// Text to standard output, unbuffered, with errors reported.
public enum StandardOutput {
  /// - Throws: `FileError` of kind `inputOutput`, such as on a full disk; `ClosedPipe`.
  public static func write(_ text: String) throws {
    let number = writeAll(text, to: 1)
    if number == EPIPE { throw ClosedPipe() }
    if number != 0 {
      let words = unsafe String(cString: strerror(number))
      throw FileError(.inputOutput, file: "standard output", words)
    }
  }

  public static var isTerminal: Bool { isatty(1) != 0 }
}

/// Text to standard error; failures are nobody's business.
public enum StandardError {
  public static func write(_ text: String) { _ = writeAll(text, to: 2) }

  public static var isTerminal: Bool { isatty(2) != 0 }
}

/// Writes everything; returns 0 or the system's error number.
private func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
  let bytes = Array(text.utf8)
  return unsafe bytes.withUnsafeBytes { bytes in
    var done = 0
    while done < bytes.count {
      let count = unsafe write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if count < 0 {
        if errno == EINTR { continue }
        return errno
      }
      done += count
    }
    return 0
  }
}
