import Foundation
import Glibc

/// A process and what became of it.
struct Child {
  let command: String
  let pid: pid_t

  /// How it ended.
  struct End {
    /// The exit status, or 128 and the signal's number.
    let status: Int32
    /// Processor time, in seconds, and the largest resident memory, in bytes.
    let processorTime: Double
    let peakMemory: Int
  }

  /// Starts a command in a shell, in a folder, with its output in files.
  ///
  /// - Parameter replacesShell: the shell's `exec`, so that a signal meets the tool itself.
  init(
    _ command: String, in folder: String, environment: [String: String], output: String,
    errors: String, replacesShell: Bool = true
  ) {
    self.command = command
    let line = "cd '\(folder)' && " + (replacesShell ? "exec " : "") + command
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    let create = O_WRONLY | O_CREAT | O_TRUNC
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, output, create, 0o644)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, create, 0o644)
    var arguments = unsafe Self.pointers(["bash", "-c", line])
    var variables = unsafe Self.pointers(environment.map { "\($0)=\($1)" })
    var pid: pid_t = 0
    let failure = unsafe posix_spawn(&pid, "/bin/bash", &actions, nil, &arguments, &variables)
    unsafe posix_spawn_file_actions_destroy(&actions)
    for k in unsafe arguments.indices { unsafe free(arguments[k]) }
    for k in unsafe variables.indices { unsafe free(variables[k]) }
    self.pid = failure == 0 ? pid : -1
  }

  /// Texts as C wants them, and nil at the end.
  private static func pointers(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe []
    for text in texts { unsafe pointers.append(unsafe strdup(text)) }
    return unsafe pointers + [nil]
  }

  func signal(_ number: Int32) { if pid > 0 { kill(pid, number) } }

  /// Waits until it has ended.
  func end() -> End {
    guard pid > 0 else { return End(status: 127, processorTime: 0, peakMemory: 0) }
    var status: Int32 = 0
    var usage = rusage()
    while unsafe wait4(pid, &status, 0, &usage) < 0 && errno == EINTR {}
    let number = status & 0x7f
    let time = { (t: timeval) in Double(t.tv_sec) + Double(t.tv_usec) / 1e6 }
    return End(
      status: number == 0 ? (status >> 8) & 0xff : 128 + number,
      processorTime: time(usage.ru_utime) + time(usage.ru_stime),
      peakMemory: usage.ru_maxrss * 1024)
  }
}
