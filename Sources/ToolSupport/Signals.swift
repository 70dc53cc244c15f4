import Files
import Glibc

/// What signals do to a tool: nothing temporary stays behind, and the status says which it was.
enum Signals {
  /// SIGINT ends with status 130, SIGTERM and SIGHUP with 128 plus their number; a closed pipe ends
  /// the tool quietly, as it does any filter. What the caller had ignored (nohup) stays ignored.
  static func install() {
    let tool = CommandLine.arguments.first?.split(separator: "/").last ?? ""
    unsafe toolName = strdup(String(tool))
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
    // The HDF5 library trusts what it reads: some damaged files bring it down, or keep it busy until
    // the alarm that HDF5File sets. What remains then is to say so; no more than a write is safe here.
    for number in [SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGALRM] {
      signal(number) { _ in
        TemporaryFile.removeNames()
        if let name = unsafe Signals.toolName { _ = unsafe write(2, name, strlen(name)) }
        let line: StaticString =
          ": crashed or ran in circles: most likely an input is a damaged HDF5 file; copy or make it again\n"
        _ = unsafe write(2, line.utf8Start, line.utf8CodeUnitCount)
        _exit(65)
      }
    }
    signal(SIGPIPE) { number in
      TemporaryFile.removeNames()
      signal(number, SIG_DFL)
      raise(number)
    }
  }

  /// For handlers, which must not allocate. Set once, before there are threads.
  nonisolated(unsafe) private static var toolName: UnsafeMutablePointer<CChar>?

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard unsafe sigaction(number, nil, &action) == 0 else { return false }
    let handler = unsafe action.__sigaction_handler.sa_handler
    return unsafe unsafeBitCast(handler, to: Int.self) == 1  // SIG_IGN, a macro with a cast
  }
}
