import Files
import Glibc

/// Ends a crashed tool with one line and a status.
///
/// Where the HDF5 library crashed in a call on a file that the user gave, or did not come back from a
/// short one, the file is to blame: status 65, as for wrong data. Everything else is a fault of this
/// program: status 70.
enum Crash {
  /// How long a call that takes no time on a whole file may take, in seconds.
  static let patience: UInt32 = 20

  /// Catches what ends a process that has gone wrong, on a stack of its own, since the usual one may be
  /// what is used up.
  static func catchAll() {
    let tool = CommandLine.arguments.first?.split(separator: "/").last ?? ""
    unsafe toolName = strdup(String(tool))
    let size = 1 << 16
    var stack = unsafe stack_t(
      ss_sp: UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16), ss_flags: 0,
      ss_size: size)
    unsafe sigaltstack(&stack, nil)
    for number in [SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL, SIGTRAP] {
      catchOne(number) { number in
        unsafe Crash.end(number, ForeignCall.fileOnThisThread, "crashed on it")
      }
    }
    // Whichever thread gets the alarm, the one that hangs has set it.
    catchOne(SIGALRM) { number in
      unsafe Crash.end(number, ForeignCall.fileOnAnyThread, "does not come back from it")
    }
    OutOfMemory.catchAll()
    unsafe ForeignCall.watch = { isInside in alarm(isInside ? Crash.patience : 0) }
  }

  private static func catchOne(_ number: Int32, _ handler: @convention(c) (Int32) -> Void) {
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = handler
    action.sa_flags = SA_ONSTACK
    unsafe sigaction(number, &action, nil)
  }

  /// For handlers, which must not allocate. Set once, before there are threads.
  nonisolated(unsafe) static var toolName: UnsafeMutablePointer<CChar>?

  /// No more than writes are safe here.
  private static func end(_ number: Int32, _ file: UnsafePointer<CChar>?, _ what: StaticString) {
    TemporaryFile.removeNames()
    if let name = unsafe toolName { unsafe say(name, strlen(name)) }
    say(": ")
    guard let file = unsafe file else {
      say("a fault of this program, not of its input (signal ")
      sayNumber(number)
      say("); please report it with the command line\n")
      _exit(70)
    }
    unsafe say(file, strlen(file))
    say(": the HDF5 library ")
    say(what)
    say(": most likely a damaged file; copy or make it again\n")
    _exit(65)
  }

  static func say(_ bytes: UnsafeRawPointer, _ count: Int) {
    _ = unsafe write(2, bytes, count)
  }

  static func say(_ text: StaticString) {
    unsafe say(text.utf8Start, text.utf8CodeUnitCount)
  }

  /// A number of at most two digits.
  private static func sayNumber(_ number: Int32) {
    var digits = (UInt8(48 + number / 10 % 10), UInt8(48 + number % 10))
    let skipped = number < 10 ? 1 : 0
    unsafe withUnsafeBytes(of: &digits) { unsafe say($0.baseAddress! + skipped, 2 - skipped) }
  }
}
