import CKernels
import Files
import Glibc

/// A program in a shell that is spoken to in lines: one goes to its standard input, one comes from its
/// standard output. What it writes to standard error is its user's to see.
///
/// It has a process group of its own, which ends with this value, and when an error or a signal ends this
/// process. Use from one thread.
final class WorkerProcess {
  /// As the user wrote it; names the program in messages.
  let command: String
  /// Seconds for each answer.
  let timeout: Double
  private let pid: Int32
  private var input: Int32 = -1
  private var output: Int32 = -1
  /// What came and is no whole line yet.
  private var pending: [UInt8] = []

  /// In bytes.
  static let longestLine = 1 << 16
  /// How long a program may take to end when it has nothing more to do, in milliseconds.
  private static let grace: Int32 = 5000

  /// - Parameter environment: variables besides those of this process.
  /// - Throws: `FileError` of kind `inputOutput`.
  init(_ command: String, environment: [String: String], timeout: Double) throws {
    self.command = command
    self.timeout = timeout
    var variables = unsafe environment.sorted { $0.key < $1.key }
      .map { unsafe UnsafePointer<CChar>(strdup("\($0.key)=\($0.value)")) }
    unsafe variables.append(nil)
    pid = unsafe ck_spawn_shell(command, variables, &input, &output)
    for variable in unsafe variables { unsafe free(UnsafeMutablePointer(mutating: variable)) }
    guard pid > 0 else {
      throw FileError(.inputOutput, file: command, "cannot be started: \(systemClause(-pid))")
    }
  }

  deinit {
    guard pid > 0 else { return }
    if input >= 0 { close(input) }
    close(output)
    ck_end_child(pid, isLost ? 0 : Self.grace)
  }

  /// Whether it is not to be waited for.
  private var isLost = false

  /// Sends a line.
  ///
  /// - Parameter work: what it is to do, for messages, as in "snapshot 3 of run.h5".
  /// - Throws: `FileError`: `wrongData` where it said something unasked, `inputOutput` where it ended.
  func send(_ line: String, for work: String) throws {
    if pending.isEmpty, hasMore(within: 0) { _ = try readSome(for: work) }
    guard pending.isEmpty else {
      throw problem(
        .wrongData, work,
        "said \(quoted(pending)) unasked; it answers each line with one, and messages belong on its"
          + " standard error")
    }
    let number = unsafe Array((line + "\n").utf8CString).withUnsafeBufferPointer {
      unsafe ck_write_quietly(input, $0.baseAddress!, $0.count - 1)
    }
    guard number == 0 else { throw end(for: work) }
  }

  /// Waits for a line, which is returned without its end.
  ///
  /// - Throws: `FileError`: `inputOutput` where it ended or took too long, `wrongData` for a line that is
  ///   too long.
  func line(for work: String) throws -> String {
    let deadline = Self.now() + timeout
    while true {
      if let end = pending.firstIndex(of: 0x0a) {
        let line = pending[..<end]
        pending.removeSubrange(...end)
        return String(decoding: line.last == 0x0d ? line.dropLast() : line, as: UTF8.self)
      }
      guard pending.count <= Self.longestLine else {
        throw problem(
          .wrongData, work,
          "wrote more than \(Self.longestLine) bytes where a line is expected; its messages, and progress,"
            + " belong on its standard error")
      }
      guard hasMore(within: deadline - Self.now()) else {
        throw problem(
          .inputOutput, work,
          "gave no answer within \(timeout == timeout.rounded() ? timeout.decimals(0) : "\(timeout)") seconds;"
            + " see what it waits for, or allow more with --timeout")
      }
      guard try readSome(for: work) > 0 else { throw end(for: work) }
    }
  }

  /// The error for something that the program did; it is not waited for then.
  func problem(_ kind: FileError.Kind, _ work: String, _ words: String) -> FileError {
    isLost = true
    return FileError(kind, file: command, object: work, words)
  }

  /// How a message shows what it said.
  func quoted(_ bytes: some Collection<UInt8>) -> String {
    let line = bytes.prefix { $0 != 0x0a }
    return "'\(shown(String(decoding: line, as: UTF8.self), atMost: 80))'"
  }

  /// The error for a program that reads or writes no more.
  private func end(for work: String) -> FileError {
    var status: Int32 = 0
    close(input)
    input = -1
    let isOver = unsafe ck_peek_child(pid, 2000, &status) != 0
    let signal = status & 0x7f
    let how =
      if !isOver {
        "closed its standard output, but goes on"
      } else if signal != 0 {
        "was ended by signal \(signal) (\(unsafe String(cString: strsignal(signal))))"
      } else {
        switch status >> 8 & 0xff {
        case 127: "could not be started: the shell finds no such program"
        case 126: "could not be started: it is no program that may be run"
        case let code where code > 128 && code < 160:
          // A shell says so of a program that it ran.
          "ended with status \(code) (signal \(code - 128), \(unsafe String(cString: strsignal(code - 128))))"
        case let code: "ended with status \(code)"
        }
      }
    return problem(
      .inputOutput, work, "\(how), before it had answered; its own messages stand above")
  }

  private func hasMore(within seconds: Double) -> Bool {
    let deadline = Self.now() + seconds
    while true {
      var request = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      let left = max(0, deadline - Self.now())
      let found = unsafe poll(&request, 1, Int32(min(left * 1000 + 0.999, 1e9)))
      if found > 0 { return true }
      if left <= 0 { return false }
    }
  }

  private func readSome(for work: String) throws -> Int {
    var bytes = [UInt8](repeating: 0, count: 1 << 14)
    let count = try unsafe bytes.withUnsafeMutableBytes {
      try unsafe BlockingTransfer.readSome(output, into: $0, file: command)
    }
    pending += bytes[..<count]
    return count
  }

  private static func now() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
