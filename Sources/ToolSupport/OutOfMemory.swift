import CKernels
import Files
import Glibc

/// Ends a tool that asks for more memory than there is with one line and status 71.
///
/// What a tool knows beforehand that it needs it checks beforehand; this is for the rest.
enum OutOfMemory {
  static func catchAll() {
    ck_on_failed_allocation { bytes in
      // What a damaged file makes the HDF5 library ask for, the library answers for itself.
      guard unsafe ForeignCall.fileOnThisThread == nil else { return }
      OutOfMemory.end(bytes)
    }
  }

  /// No more than writes are safe here: there is nothing left to allocate.
  private static func end(_ bytes: Int) {
    TemporaryFile.removeNames()
    if let name = unsafe Crash.toolName { unsafe Crash.say(name, strlen(name)) }
    Crash.say(": out of memory: ")
    sayNumber(max(1, bytes >> 20))
    Crash.say(" MiB more do not fit into what the machine, ulimit and the control groups leave\n")
    _exit(71)
  }

  private static func sayNumber(_ number: Int) {
    var divisor = 1
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      var digit = UInt8(48 + number / divisor % 10)
      unsafe Crash.say(&digit, 1)
      divisor /= 10
    }
  }
}
