import Glibc

/// Reads and writes that end when all bytes are moved: the system may move fewer at a time, and
/// signals may interrupt it. Safe on any thread, as positions are the caller's.
public enum BlockingTransfer {
  /// Fills `target` with the bytes from `address` of a file.
  ///
  /// - Parameters:
  ///   - file: the name for messages.
  ///   - object: what the bytes belong to, for messages.
  /// - Throws: `FileError` of kind `inputOutput`; `wrongData` where the file ends before.
  public static func read(
    _ descriptor: Int32, at address: Int, into target: UnsafeMutableRawBufferPointer,
    file: String, object: String? = nil
  ) throws {
    let number = move(target.count) { done, left in
      unsafe pread(descriptor, target.baseAddress! + done, left, off_t(address + done))
    }
    guard number == 0 else {
      throw FileError(
        number == ended ? .wrongData : .inputOutput, file: file, object: object,
        number == ended ? "the file ends too soon" : systemMessage(number))
    }
  }

  /// Writes all of `bytes` at an address of a file.
  ///
  /// - Throws: `FileError` of kind `inputOutput`, such as on a full disk.
  public static func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at address: Int, file: String,
    object: String? = nil
  ) throws {
    let number = move(bytes.count) { done, left in
      unsafe pwrite(descriptor, bytes.baseAddress! + done, left, off_t(address + done))
    }
    guard number == 0 else {
      throw FileError(
        .inputOutput, file: file, object: object, systemMessage(number == ended ? ENOSPC : number))
    }
  }

  /// Writes all of `bytes` where a stream stands: a pipe, a terminal, a device.
  ///
  /// - Throws: `FileError` of kind `inputOutput`; `ClosedPipe` where nobody reads any more.
  public static func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, file: String
  ) throws {
    let number = move(bytes.count) { done, left in
      unsafe Glibc.write(descriptor, bytes.baseAddress! + done, left)
    }
    if number == EPIPE { throw ClosedPipe() }
    guard number == 0 else { throw FileError(.inputOutput, file: file, systemMessage(number)) }
  }

  /// Reads what a stream has, at most `target.count` bytes; 0 at its end.
  ///
  /// - Throws: `FileError` of kind `inputOutput`.
  public static func readSome(
    _ descriptor: Int32, into target: UnsafeMutableRawBufferPointer, file: String
  ) throws -> Int {
    while true {
      let count = unsafe Glibc.read(descriptor, target.baseAddress, target.count)
      if count >= 0 { return count }
      if errno != EINTR { throw FileError(.inputOutput, file: file, systemMessage(errno)) }
    }
  }

  /// Not an error number of the system: a call moved nothing.
  private static let ended: Int32 = -1

  /// Calls `step` with the bytes done and left until none are left; 0, or why that failed.
  private static func move(_ count: Int, _ step: (_ done: Int, _ left: Int) -> Int) -> Int32 {
    var done = 0
    while done < count {
      let moved = step(done, count - done)
      if moved < 0 {
        if errno == EINTR { continue }
        return errno
      }
      if moved == 0 { return ended }
      done += moved
    }
    return 0
  }
}

/// Nobody reads standard output any more; a tool ends quietly.
public struct ClosedPipe: Error {
  public init() {}
}
