import Files
import Glibc

/// What signals do to a tool: nothing temporary stays behind, and the status says which it was.
enum Signals {
  /// SIGINT ends with status 130, SIGTERM and SIGHUP with 128 plus their number; a closed pipe ends
  /// the tool quietly, as it does any filter. What the caller had ignored (nohup) stays ignored. A file
  /// that reaches the limit of its size (`ulimit -f`) is a full disk: the write fails, and says so. A
  /// crash ends as `Crash` says.
  static func install() {
    // A parent's mask is inherited, and threads of Dispatch block all of these.
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { unsafe sigaddset(&set, number) }
    unsafe sigprocmask(SIG_UNBLOCK, &set, nil)
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) {
      signal(number) { number in
        TemporaryFile.removeNames()
        _exit(128 + number)
      }
    }
    signal(SIGPIPE) { number in
      TemporaryFile.removeNames()
      signal(number, SIG_DFL)
      raise(number)
    }
    signal(SIGXFSZ, SIG_IGN)
    Crash.catchAll()
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard unsafe sigaction(number, nil, &action) == 0 else { return false }
    let handler = unsafe action.__sigaction_handler.sa_handler
    return unsafe unsafeBitCast(handler, to: Int.self) == 1  // SIG_IGN, a macro with a cast
  }
}
